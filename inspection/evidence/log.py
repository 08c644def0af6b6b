"""What a run's log says of one step: the lines that were written while it ran."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from documents.regular_file import regular_file

LARGEST = 8 << 20
"""Bytes of a log's end that are looked through."""
LARGEST_SHOWN = 1 << 16
"""Characters; of more the end."""
# Of Python's logging, and of TensorFlow's C++ code; both write the local time.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)")
_SLACK = datetime.timedelta(seconds=1)


def log_of(
    path: Path, started: datetime.datetime | None, ended: datetime.datetime | None
) -> str | None:
    """The lines of a log between two times; those without a time belong to the one before.

    Args:
      path: of the log.
      started: when the step began.
      ended: when it ended; None while it runs, for all since.

    Returns:
      None where the log cannot be read, or has nothing of that time.
    """
    if started is None:
        return None
    try:
        with regular_file(path) as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - LARGEST))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    low = _local(started) - _SLACK
    high = _local(ended) + _SLACK if ended else None
    found: list[str] = []
    inside = False
    for line in lines:
        written = _TIME.match(line)
        if written:
            time = _parsed(written[1])
            if time is not None:
                inside = low <= time and (high is None or time <= high)
        if inside:
            found.append(line)
    text = "\n".join(found)
    return (text if len(text) <= LARGEST_SHOWN else f"…{text[-LARGEST_SHOWN:]}") or None


def _local(time: datetime.datetime) -> datetime.datetime:
    return time.astimezone().replace(tzinfo=None)


def _parsed(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
