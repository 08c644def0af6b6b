"""What a run knows of an exception that was raised in another process."""

import json
import sqlite3
from pathlib import Path

import pytest

from pipeline.local.failures.carried_error import pack, unpack
from pipeline.local.failures.failure import own_code, sentence
from pipeline.local.failures.shortage import shortage
from pipeline.settings import SettingsError


class DemandingError(ValueError):
    """As many of libraries: what it is made of is not what it says, and cannot be pickled."""

    def __init__(self, one: int, two: int):
        super().__init__(one)
        self.two = lambda: two

    def __str__(self) -> str:
        return f"{self.args[0]} and {self.two()}"


def _carried(error: BaseException, place: str | None = None) -> BaseException:
    return unpack(json.loads(json.dumps(pack(error, place))))


@pytest.mark.parametrize(
    "error",
    [
        DemandingError(1, 2),
        ValueError("bad\nshape"),
        KeyError("label"),
        UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"),
        SettingsError("Setting `a` = 1: no."),
        FileNotFoundError(2, "No such file or directory", "/x"),
        sqlite3.OperationalError("database is locked"),
    ],
)
def test_class_and_text_are_those_it_had(error: BaseException):
    carried = _carried(error)
    assert isinstance(carried, type(error))
    assert str(carried) == str(error)
    assert sentence(carried) == sentence(error)
    with pytest.raises(type(error)):
        raise carried


def test_a_class_that_nobody_here_knows_keeps_its_name():
    kind = type("ShapeError", (Exception,), {"__module__": "my_own_code.network"})
    assert sentence(_carried(kind("(2, 3)"))) == "ShapeError: (2, 3)"


def test_ctrl_c_stays_what_it_is():
    assert type(_carried(KeyboardInterrupt())) is KeyboardInterrupt


def test_a_full_disk_behind_it_is_found(tmp_path: Path):
    try:
        try:
            raise OSError(28, "No space left on device", str(tmp_path / "shard"))
        except OSError as full:
            raise RuntimeError("Pipeline failed [while running 'Write']") from full
    except RuntimeError as error:
        carried = _carried(error)
    assert sentence(carried) == "RuntimeError: Pipeline failed"
    assert isinstance(carried.__cause__, OSError)
    assert carried.__cause__.errno == 28
    assert carried.__cause__.filename == str(tmp_path / "shard")
    found = shortage(carried, tmp_path, tmp_path / "metadata.db")
    assert found == (
        f"there is no room left on the disk of {tmp_path / 'shard'}; make room, and run the same"
        " command again."
    )


def test_the_line_of_the_users_code_comes_along():
    carried = _carried(ValueError("bad shape"), "models/network.py:41 in build: x = y")
    assert own_code(carried) == "models/network.py:41 in build: x = y"


def test_errors_that_are_behind_each_other_end():
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert str(_carried(first)) == "a"
