"""The kinds of faults that a campaign makes."""

from __future__ import annotations

from tests.faults.__main__ import KINDS
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
