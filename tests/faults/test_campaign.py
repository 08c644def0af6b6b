"""The kinds of faults that a campaign makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.__main__ import KINDS, main
from tests.faults.kinds import command_lines, environments
from tests.faults.pipeline_run import RECORDED_STORE


def test_each_kind_has_a_name_and_a_share_of_the_time():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(kind.share > 0 for kind in KINDS)


def test_what_the_faults_are_made_of_is_there():
    assert environments._SAMPLE.is_dir()
    assert RECORDED_STORE.is_file()
    for program in command_lines.PROGRAMS.values():
        for line in program.lines:
            assert command_lines._changes(program.main, line.split())


def test_what_there_was_no_time_for_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "counts.json"
    assert main(["--minutes", "0", "--only", "documents", "--json", str(file)]) == 0
    assert "its time was over before the first one" in capsys.readouterr().out
    [kind] = json.loads(file.read_text())["kinds"].values()
    assert (kind["faults"], "give more --minutes" in kind["missing"]) == (0, True)


@pytest.mark.parametrize("minutes", ["-1", "nan", "soon"])
def test_a_time_that_is_none_is_refused(minutes: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--minutes={minutes}"])
    assert ended.value.code == 2
