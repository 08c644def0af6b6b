"""Of a run's log a step has the lines of its own time."""

from __future__ import annotations

import datetime
from pathlib import Path

from inspection.evidence.log import LARGEST_SHOWN, log_of

LOG = """2026-11-23 09:00:00,100 INFO before: no
2026-11-23 09:10:00,200 INFO trainer: begins
Traceback without a time
2026-11-23 09:10:05.300000: I tensorflow/core: notes
2026-99-99 99:99:99 is no time
2026-11-23 09:20:00,400 INFO after: no
"""


def local(minute: int) -> datetime.datetime:
    return datetime.datetime(2026, 11, 23, 9, minute).astimezone()


def test_the_lines_between_two_times(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text(LOG)
    found = log_of(path, local(10), local(11))
    assert found is not None
    assert found.splitlines() == LOG.splitlines()[1:5]
    running = log_of(path, local(10), None)
    assert running is not None
    assert running.endswith("after: no")


def test_nothing_of_that_time_and_nothing_at_all(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text(LOG)
    assert log_of(path, local(30), local(31)) is None
    assert log_of(path, None, None) is None
    assert log_of(tmp_path / "gone.log", local(10), None) is None
    path.write_text("2026-11-23 09:10:00,200 long\n" + "x" * 200_000)
    cut = log_of(path, local(10), None)
    assert cut is not None
    assert len(cut) == LARGEST_SHOWN + 1
