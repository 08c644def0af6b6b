"""When a schedule starts a run: a cron or an interval, checked before it is sent. Pure.

Kubeflow Pipelines reads crons as robfig/cron 1.2 does: six fields, seconds in front, weekdays 0-6.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import re

from documents.settings.section import short

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("second", 0, 59, {}),
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)
_WORDS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_YEARS = 8
"""To look ahead: the 29th of February comes after at most that many."""
_SHORTEST = 60
"""Seconds between two runs. A pipeline takes minutes, and a slip of the finger fills a cluster."""


class WhenError(ValueError):
    """The text is no cron or interval; the message says what is wrong and how it reads."""


@dataclasses.dataclass(frozen=True)
class Cron:
    """The moments, in UTC, at which runs start."""

    text: str
    """Six fields, seconds first."""
    _allowed: tuple[frozenset[int], ...]

    @property
    def five_fields(self) -> str:
        """As everybody but Kubeflow Pipelines writes it.

        Raises:
          WhenError: it is not at the beginning of a minute.
        """
        seconds, _, rest = self.text.partition(" ")
        if seconds != "0":
            raise WhenError(f"--cron {self.text!r}: Vertex AI knows no seconds; give five fields.")
        return rest

    def next(self, after: datetime.datetime) -> datetime.datetime | None:
        """The first moment later than `after`; None where there is none in eight years."""
        seconds, minutes, hours, *_ = self._allowed
        moment = (after + datetime.timedelta(seconds=1)).replace(microsecond=0)
        for offset in range(_YEARS * 366):
            day = (moment + datetime.timedelta(days=offset)).date()
            if not self._on(day):
                continue
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    for second in sorted(seconds):
                        found = datetime.datetime.combine(
                            day, datetime.time(hour, minute, second), moment.tzinfo
                        )
                        if found >= moment:
                            return found
        return None

    def _on(self, day: datetime.date) -> bool:
        *_, days, months, weekdays = self._allowed
        if day.month not in months:
            return False
        of_month, of_week = day.day in days, (day.weekday() + 1) % 7 in weekdays
        fields = self.text.split()
        # With both given, cron takes either.
        if fields[3][0] in "*?" or fields[5][0] in "*?":
            return of_month and of_week
        return of_month or of_week


def parse_cron(expression: str) -> Cron:
    """Five fields, or six with seconds in front, which Kubeflow reads and cron lacks.

    With five fields Kubeflow would take the minutes for seconds without a word.

    Raises:
      WhenError: it is none, or there is no such moment.
    """
    text = " ".join(expression.split())
    if text.lower().startswith("@every"):
        raise WhenError(f"--cron {short(text)!r}: an interval is given otherwise, e.g. --every 6h.")
    text = _WORDS.get(text.lower(), text)
    fields = text.split(" ") if text else []
    if len(fields) not in (5, 6):
        raise WhenError(
            f"--cron {short(expression)!r} must have five fields (minute hour day month weekday), "
            "or six with seconds in front."
        )
    if len(fields) == 5:
        fields = ["0", *fields]
    allowed = tuple(
        _field(field, *known, expression=expression)
        for field, known in zip(fields, _FIELDS, strict=True)
    )
    cron = Cron(" ".join(fields), allowed)
    if cron.next(datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)) is None:
        raise WhenError(f"--cron {short(expression)!r} names a day that never comes.")
    return cron


def parse_every(text: str) -> int:
    """`90m`, `6h`, `1d` … or a number of seconds; returns seconds.

    Raises:
      WhenError: it is no such interval, or shorter than a minute.
    """
    found = re.fullmatch(r"(?ai:\s*([0-9]{1,9})\s*([smhdw]?)\s*)", text)
    seconds = int(found[1]) * _UNITS[found[2].lower() or "s"] if found else 0
    if seconds < _SHORTEST:
        raise WhenError(
            f"--every {short(text)!r} must be an interval of at least a minute, e.g. 90m, 6h or 1d."
        )
    return seconds


def _field(
    text: str, name: str, low: int, high: int, words: dict[str, int], *, expression: str
) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        shape = re.fullmatch(r"(?a:(\*|\?|\w+)(?:-(\w+))?(?:/(\d{1,4}))?)", part)
        first = last = step = None
        if shape:
            step = int(shape[3]) if shape[3] else 1
            if shape[1] in "*?" and not shape[2]:
                first, last = low, high
            else:
                first = _number(shape[1], words)
                # `5/10` goes on to the end, as `5-59/10`.
                last = _number(shape[2], words) if shape[2] else high if shape[3] else first
        if first is None or last is None or not step or not low <= first <= last <= high:
            said = f" or {', '.join(words)}" if words else ""
            raise WhenError(
                f"--cron {short(expression)!r}: {short(part)!r} is no {name}; it is "
                f"{low}-{high}{said}, as N, N-N, */N or a list with commas."
            )
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, words: dict[str, int]) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    return words.get(text.lower())
