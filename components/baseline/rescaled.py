"""Numbers of another size than where the live version learned. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from components.baseline.shared_features import shared_features
from documents.features import Features, Seen
from documents.figure import amount
from documents.shown import shown

_NUMBER = "number"
_TIMES = 5
"""Grams are more than kilograms by more; what grows from span to span seldom by as much."""


def rescaled(live: Features, candidate: Features) -> Iterator[str]:
    """Sentences about columns, and a label, whose usual numbers are larger or smaller than all of
    those that the live version knows, as in another unit: whoever asks the new version as before
    means other things, and no metric tells, as both models are judged by the new span.

    Args:
      live: of the version that is live.
      candidate: of the model that was trained now.
    """
    for before, feature in shared_features(live, candidate, _NUMBER):
        yield from _told(f"column {shown(feature.name)}", before.seen, feature.seen)
    if live.label.name == candidate.label.name:
        told = f"label {shown(candidate.label.name)}"
        yield from _told(told, live.label.seen, candidate.label.seen)


def _told(what: str, before: Seen | None, after: Seen | None) -> Iterator[str]:
    was, now = _range(before), _range(after)
    if was and now and _apart(was, now):
        low, high = map(amount, now)
        yield (
            f"{what} lies between {low} and {high}, and lay between {amount(was[0])} and"
            f" {amount(was[1])}"
        )


def _range(seen: Seen | None) -> tuple[float, float] | None:
    """Of usual numbers; None where that is not known, or they all are the same."""
    if seen is None or not isinstance(seen.low, int | float):
        return None
    if not isinstance(seen.high, int | float) or seen.low == seen.high:
        return None
    return seen.low, seen.high


def _apart(was: tuple[float, float], now: tuple[float, float]) -> bool:
    sizes = sorted(max(map(abs, of)) for of in (was, now))
    return (was[1] < now[0] or now[1] < was[0]) and sizes[1] >= _TIMES * sizes[0]
