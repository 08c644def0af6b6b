"""What a search has done outlives a kill at any byte."""

from __future__ import annotations

import os

import pytest

from documents.tuning import Repeat, Trial
from models.tuning.journal import FILE, Journal

TRIALS = [
    Trial(number=0, values={"training.dropout": None}, state="done", value=0.9, seconds=1.5),
    Trial(number=1, values={"training.widths": [8, 8]}, state="failed", reason="of “no” use"),
]
REPEAT = Repeat(number=1, seed=3, value=None, seconds=0.5)


@pytest.fixture
def folder(tmp_path):
    journal = Journal(str(tmp_path / "search"))
    for trial in TRIALS:
        journal.add(trial)
    journal.add(REPEAT)
    return tmp_path / "search"


def test_begins_where_it_ended(folder):
    journal = Journal(str(folder))

    assert (journal.trials, journal.repeats) == (TRIALS, [REPEAT])
    assert journal.seconds == 2.0


@pytest.mark.medium
def test_a_torn_line_is_cut_off_and_the_next_one_is_whole(folder):
    path = folder / FILE
    content = path.read_bytes()
    ends = [index + 1 for index, byte in enumerate(content) if byte == ord("\n")]
    for kept in range(len(content)):
        path.write_bytes(content[:kept])
        journal = Journal(str(folder))
        whole = sum(end <= kept for end in ends)
        assert len(journal.trials) + len(journal.repeats) == whole
        journal.add(REPEAT)
        assert len(Journal(str(folder)).repeats) == (whole == 3) + 1


@pytest.mark.parametrize(
    "line", [b"{}", b"[1]", b'{"trial": {"number": 7}}', b"\xff\xfe", b"[" * 9999]
)
def test_what_is_no_line_of_ours_ends_what_is_read(folder, line):
    with (folder / FILE).open("ab") as file:
        file.write(line + b"\n")

    journal = Journal(str(folder))

    assert (journal.trials, journal.repeats) == (TRIALS, [REPEAT])


def test_lines_behind_a_damaged_one_are_kept_and_told(folder, caplog):
    content = (folder / FILE).read_bytes()
    first, second, third = content.splitlines(keepends=True)
    (folder / FILE).write_bytes(first + b"?" + second + third)

    with caplog.at_level("WARNING", "progress"):
        journal = Journal(str(folder))

    assert (journal.trials, journal.repeats) == (TRIALS[:1], [])
    assert (folder / f"{FILE}.damaged").read_bytes() == first + b"?" + second + third
    [warning] = caplog.messages
    assert "holds no trial in line 2" in warning
    assert Journal(str(folder)).trials == TRIALS[:1]


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(OSError, match="is a FIFO, not a file"):
        Journal(str(tmp_path))
