"""Whatever lies in a base path, commands answer with a table or one sentence, and lose nothing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.base_path_change import BasePathChange
from documents.ledger_entry import LedgerEntry
from documents.saved_model import WARM_UP
from serving.__main__ import main
from serving.base_path.changes import ChangeError
from serving.base_path.content import MANIFEST, PROVENANCE
from serving.base_path.errors import PublishError
from serving.base_path.journal import JOURNAL, LOCK
from serving.base_path.ledger import LEDGER, read_ledger
from serving.base_path.state import list_withdrawn
from serving.base_path.version_number import HIGHEST
from serving.base_path.versions import list_versions, live_version, publish
from serving.base_path.withdrawal import prune, restore, rollback, withdraw
from tests.documents.mangled import CONTENTS, KINDS, mangle
from tests.examples import examples
from tests.serving.base_path.written import make_model
from tests.there import there

COMMANDS = {
    "versions": [],
    "versions --verify": [],
    "versions --json": [],
    "rollback": ["--reason", "x"],
    "withdraw 3": ["--reason", "x"],
    "restore 4": [],
    "prune --keep 1": ["--withdrawn", "--leftovers", "0"],
}
PROVENANCE_OF_3 = f"3/{PROVENANCE}"
PLACES = (PROVENANCE_OF_3, f".withdrawn-4/{PROVENANCE}", LEDGER, JOURNAL, LOCK)
WRITTEN = b'{"format": 1, "version": 3, "baseline": {"version": 2, "digest": "sha256:aa"}}'


# What lies in such a folder is content, so the version is no longer what was published.
TURNED_INTO_CONTENT = {
    ("a link to a folder", PROVENANCE_OF_3): ["versions --verify"],
    ("a link to a folder", f".withdrawn-4/{PROVENANCE}"): ["versions --verify", "restore 4"],
}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a model, and of a base path with versions 1 to 3, and 4 that was withdrawn."""
    folder = tmp_path_factory.mktemp("pristine")
    model, base = make_model(folder / "model"), folder / "base"
    for number in (1, 2, 3, 4):
        publish(model, base, version=number, extra_files={PROVENANCE: WRITTEN})
    withdraw(base, 4, reason="bad")
    return folder


@pytest.fixture
def base(pristine: Path, tmp_path: Path) -> Path:
    shutil.copytree(pristine, tmp_path, dirs_exist_ok=True)
    return tmp_path / "base"


def run(command: str, base: Path) -> int:
    name, *rest = command.split()
    start = time.monotonic()
    code = main([name, *rest, *COMMANDS[command], "--base-path", str(base)])
    assert time.monotonic() - start < 60  # what hangs does so for ever; `make faults` measures
    return code


def contents_for(command: str) -> list[tuple[str, bytes]]:
    """All for the command that tells most and the one that is made in a hurry. Each other one has
    its share: all read by documents.reader, whose tests try each content with every document."""
    found = list(CONTENTS.items())
    sharing = [each for each in COMMANDS if each not in ("versions --verify", "rollback")]
    return found[sharing.index(command) :: len(sharing)] if command in sharing else found


def models(base: Path) -> Iterator[Path]:
    return base.glob("*/saved_model.pb")


@pytest.mark.medium
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_document_stops_no_command(
    base: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong, content in contents_for(command):
        copy = base.with_name(f"copy-{len(wrong)}")
        shutil.copytree(base, copy)
        for place in (PROVENANCE_OF_3, f".withdrawn-4/{PROVENANCE}", LEDGER):
            (copy / place).write_bytes(content)
        assert run(command, copy) == 0, wrong
        shutil.rmtree(copy)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.medium
@pytest.mark.parametrize(
    "command", ["versions --verify", "rollback", "restore 4", "prune --keep 1"]
)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_file_stops_no_look_and_no_change_gets_lost(
    base: Path, place: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for thing, make in KINDS.items():
        copy = base.with_name(f"copy-{len(thing)}")
        shutil.copytree(base, copy)
        (copy / place).unlink(missing_ok=True)
        make(copy / place)
        before = sorted(models(copy)), read_ledger(copy)
        code = run(command, copy)
        if (thing, place) in TURNED_INTO_CONTENT:
            assert code == (command in TURNED_INTO_CONTENT[thing, place])
        elif command.startswith("versions") or "provenance" in place:
            assert code == 0, thing
        elif code:
            # A change that could not be recorded is not made.
            assert (sorted(models(copy)), read_ledger(copy)) == before, thing
            [sentence] = capsys.readouterr().err.strip().splitlines()[-1:]
            assert place in sentence, thing
        shutil.rmtree(copy, ignore_errors=True)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.medium
@settings(max_examples=examples(0.8), suppress_health_check=list(HealthCheck))
@given(
    provenance=mangle(WRITTEN),
    line=mangle(b'{"time": "2026-01-01T00:00:00+00:00", "action": "withdraw", "version": 4}'),
    command=st.sampled_from(list(COMMANDS)),
)
def test_mangled_documents_stop_no_command(
    pristine: Path, provenance: bytes, line: bytes, command: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = shutil.copytree(pristine / "base", Path(folder, "base"))
        (base / PROVENANCE_OF_3).write_bytes(provenance)
        with (base / LEDGER).open("ab") as file:
            file.write(line + b"\n")
        assert run(command, base) == 0


JOURNALED = BasePathChange(
    entry=LedgerEntry(
        time="2026-01-01T00:00:00+00:00",
        action="withdraw",
        version=3,
        live_before=3,
        live_after=2,
    ),
    moves=(("3", ".withdrawn-3"),),
).encode()


@pytest.mark.medium
@settings(max_examples=examples(0.8), suppress_health_check=list(HealthCheck))
@given(
    journal=st.sampled_from(list(CONTENTS.values())) | mangle(JOURNALED),
    command=st.sampled_from(list(COMMANDS)),
)
def test_a_mangled_journal_loses_no_model(pristine: Path, journal: bytes, command: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = shutil.copytree(pristine / "base", Path(folder, "base"))
        (base / JOURNAL).write_bytes(journal)
        code = run(command, base)
        assert code in (0, 1)
        if not command.startswith("prune"):
            assert len(list(base.glob("**/saved_model.pb"))) == 4
            assert os.listdir(folder) == ["base"]


@pytest.mark.parametrize(
    "moves", [[["../model", "5"]], [["3", "../3"]], [["3", "a/b"]], [["..", None]]]
)
def test_a_journal_moves_nothing_outside_its_base_path(base: Path, moves: list) -> None:
    document = json.loads(JOURNALED)
    (base / JOURNAL).write_text(json.dumps({**document, "moves": moves}))
    assert rollback(base).live_after == 2
    assert (base.parent / "model/saved_model.pb").exists()
    assert not (base / JOURNAL).exists()


class TestNames:
    """Held against what upstream takes for a version (test_version_number.py)."""

    @pytest.fixture
    def model(self, tmp_path: Path) -> Path:
        return make_model(tmp_path / "model")

    def test_one_number_twice_is_seen_and_not_changed(
        self, base: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        make_model(base / "0000003", b"other")
        for act in (
            lambda: withdraw(base, 3, reason="x"),
            lambda: rollback(base),
            lambda: rollback(base, 3),
        ):
            with pytest.raises(
                ChangeError, match="holds version 3 more than once, as '3' and '0000003'"
            ):
                act()
        make_model(base / "01", b"other")
        with pytest.raises(ChangeError, match="holds version 1 more than once"):
            prune(base, 1)
        names = [".withdrawn-4", "0000003", "01", "1", "2", "3"]
        assert sorted(path.parent.name for path in models(base)) == names
        assert main(["versions", "--base-path", str(base)]) == 0
        [row] = [line for line in capsys.readouterr().out.splitlines() if "0000003" in line]
        assert "double" in row
        shutil.rmtree(base / "0000003")
        assert withdraw(base, 3, reason="x").live_after == 2

    def test_an_empty_double_is_a_leftover_and_the_model_is_none(self, base: Path) -> None:
        (base / "03").mkdir()
        assert prune(base, 3, leftovers=0).leftovers == ("03",)
        (base / "9").mkdir()
        make_model(base / "09")
        assert prune(base, 3, leftovers=0).leftovers == ("9",)
        assert there(live_version(base)).number == 9

    @pytest.mark.parametrize("name", ["0000007", "+7", " 7", "7 ", "\t7"])
    def test_a_version_of_another_name_is_withdrawn_and_restored(
        self, model: Path, tmp_path: Path, name: str
    ) -> None:
        base = tmp_path / "base"
        make_model(base / name)
        make_model(base / "5")
        assert there(live_version(base)).path == str(base / name)
        assert withdraw(base, 7, reason="x").live_after == 5
        assert [version.number for version in list_withdrawn(base)] == [7]
        assert restore(base, 7).live_after == 7
        assert there(live_version(base)).path == str(base / "7")

    @pytest.mark.parametrize(
        "name", ["\u0667", "\uff17", "7.0", "7_0", "9223372036854775808", "v7"]
    )
    def test_what_servers_pass_over_is_no_version(self, tmp_path: Path, name: str) -> None:
        base = tmp_path / "base"
        make_model(base / name)
        assert live_version(base) is None
        assert main(["versions", "--base-path", str(base)]) == 0

    @pytest.mark.parametrize("number", [0, -1, -(2**63)])
    def test_numbers_that_nobody_publishes_are_versions_all_the_same(
        self, model: Path, tmp_path: Path, number: int
    ) -> None:
        base = tmp_path / "base"
        make_model(base / str(number))
        assert there(live_version(base)).number == number
        assert publish(model, base).number > 0
        assert (withdraw(base, number, reason="x").live_after or 0) > 0
        assert restore(base, number).version == number

    @pytest.mark.parametrize("number", [2**63, 2**64, -1, -(2**63)])
    def test_numbers_that_servers_pass_over_are_not_published(
        self, model: Path, tmp_path: Path, number: int
    ) -> None:
        with pytest.raises(PublishError, match=f"Cannot publish as version {number}: "):
            publish(model, tmp_path / "base", version=number)
        assert list_versions(tmp_path / "base") == []

    @pytest.mark.parametrize("name", [str(HIGHEST), f".withdrawn-{HIGHEST}"])
    def test_after_the_highest_number_there_is_none(
        self, model: Path, tmp_path: Path, name: str
    ) -> None:
        base = tmp_path / "base"
        make_model(base / name)
        with pytest.raises(PublishError, match="model servers know no higher number"):
            publish(model, base)

    @pytest.mark.parametrize("clock", [-86400.0, 0.0, 1.0e9])
    def test_a_clock_that_is_wrong_or_goes_back_makes_the_new_version_live_all_the_same(
        self, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: float
    ) -> None:
        base = tmp_path / "base"
        monkeypatch.setattr(time, "time", lambda: clock)
        first = publish(model, base)
        assert first.number == max(1, int(clock))
        later = publish(model, base)
        monkeypatch.setattr(time, "time", lambda: clock - 1000)
        last = publish(model, base)
        assert first.number < later.number < last.number
        assert live_version(base) == last

    def test_a_file_and_links_by_the_name_of_a_number(self, base: Path, tmp_path: Path) -> None:
        (base / "5").write_text("a file")
        (base / "6").symlink_to(base / "6")
        (base / "7").symlink_to(tmp_path / "nothing")
        os.mkfifo(base / "8")
        (base / "9").symlink_to(tmp_path / "model")
        assert main(["versions", "--base-path", str(base)]) == 0
        assert there(live_version(base)).number == 9
        assert withdraw(base, 9, reason="x").live_after == 3
        assert prune(base, 1, withdrawn=True, leftovers=0).leftovers == ("5", "6", "7", "8")
        assert (tmp_path / "model/saved_model.pb").exists()
        assert there(live_version(base)).number == 3
        assert publish(tmp_path / "model", base).number > 9


@pytest.mark.parametrize("file", ["saved_model.pb", "variables/more", WARM_UP, MANIFEST])
def test_a_version_with_a_fifo_inside_hangs_nothing(
    base: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (base / "3" / file).parent.mkdir(exist_ok=True)
    (base / "3" / file).unlink(missing_ok=True)
    os.mkfifo(base / "3" / file)
    assert run("versions", base) == 0
    assert run("versions --verify", base) == (file not in (WARM_UP, MANIFEST))
    assert run("rollback", base) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_links_that_lead_in_a_circle_end(base: Path) -> None:
    for name in ("a", "b", "c"):
        (base / "3" / name).symlink_to(base / "3")
    assert run("versions", base) == 0
    assert run("versions --verify", base) == 1
    assert run("rollback", base) == 0
