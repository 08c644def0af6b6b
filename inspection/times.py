"""Times as people write and read them."""

from __future__ import annotations

import datetime
import re

from documents.terminal.counted import counted

_OFFSETS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d+)\s*([smhdw])(?:\s+ago)?")


def parse_time(text: str) -> datetime.datetime | None:
    """An ISO 8601 time, in UTC where it names no zone; None when it is none."""
    try:
        time = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        time = time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
        time.astimezone(datetime.timezone.utc)  # the first and the last day may lie outside in UTC
    except (ValueError, OverflowError):
        return None
    return time


def parse_moment(text: str, now: datetime.datetime) -> datetime.datetime | None:
    """A time, or how long ago: `2026-11-23 09:00`, `90m`, `2h ago`, `3d`; None when neither."""
    ago = parse_age(text)
    try:
        return now - ago if ago is not None else parse_time(text)
    except OverflowError:
        return None


def parse_age(text: str) -> datetime.timedelta | None:
    """How long: `90m`, `12h`, `30d`; None when it is none."""
    found = _AGO.fullmatch(text.strip())
    try:
        return datetime.timedelta(**{_OFFSETS[found[2]]: int(found[1])}) if found else None
    except OverflowError:
        return None


def at_utc(time: datetime.datetime) -> str:
    """`2026-11-23 08:24:54 UTC`."""
    return f"{time.astimezone(datetime.timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float | None) -> str:
    """`0.3 s`, `2 min 05 s`, `3 h 12 min`; empty for None."""
    if seconds is None:
        return ""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def age(passed: datetime.timedelta) -> str:
    """`5 minutes`, `3 hours`, `12 days`."""
    seconds = max(0, int(passed.total_seconds()))
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return counted(count, unit)
    return counted(seconds, "second")
