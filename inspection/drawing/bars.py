"""Distributions as bars, one beside another."""

from __future__ import annotations

import dataclasses

from documents.chart import Bar
from inspection.evidence.statistics import Feature

WIDTH, HEIGHT = 320, 90
_MOST_VALUES = 20


@dataclasses.dataclass(frozen=True)
class Bars:
    """One or two distributions in a frame of WIDTH × HEIGHT, as shares of each."""

    now: tuple[Bar, ...]
    before: tuple[Bar, ...]
    left: str
    """What is at the left end of the axis, and at the right."""
    right: str


def bars(now: Feature, before: Feature | None = None) -> Bars | None:
    """The distribution of a feature, beside another one's; None when it has none."""
    if now.values:
        return _value_bars(now, before)
    return _histogram(now, before) if now.buckets else None


def _value_bars(now: Feature, before: Feature | None) -> Bars:
    names = sorted(now.values, key=_natural)
    if len(names) > _MOST_VALUES:
        names = sorted(now.values, key=lambda name: -now.values[name])[:_MOST_VALUES]
    width = WIDTH / len(names)
    shares = [now.shares, before.shares if before else {}]
    highest = max((each.get(name, 0.0) for each in shares for name in names), default=1.0) or 1.0

    def drawn(share: dict[str, float]) -> tuple[Bar, ...]:
        return tuple(
            Bar(
                round(index * width, 1),
                round(width, 1),
                round(share.get(name, 0.0) / highest * HEIGHT, 1),
                f"{name}: {share.get(name, 0.0):.1%}",
            )
            for index, name in enumerate(names)
        )

    return Bars(drawn(shares[0]), drawn(shares[1]) if shares[1] else (), names[0], names[-1])


def _histogram(now: Feature, before: Feature | None) -> Bars:
    old = before.buckets if before else ()
    both = (*now.buckets, *old)
    low, high = min(each.low for each in both), max(each.high for each in both)
    room = (high - low) or 1.0
    totals = [sum(bucket.count for bucket in each) or 1.0 for each in (now.buckets, old)]
    highest = max(bucket.count / totals[0] for bucket in now.buckets)
    highest = max([highest, *(bucket.count / totals[1] for bucket in old)]) or 1.0

    def drawn(index: int) -> tuple[Bar, ...]:
        return tuple(
            Bar(
                round((bucket.low - low) / room * WIDTH, 1),
                round(max((bucket.high - bucket.low) / room * WIDTH, 2), 1),
                round(bucket.count / totals[index] / highest * HEIGHT, 1),
                f"{bucket.low:g} to {bucket.high:g}: {bucket.count / totals[index]:.1%}",
            )
            for bucket in (now.buckets, old)[index]
        )

    return Bars(drawn(0), drawn(1), f"{low:g}", f"{high:g}")


def _natural(name: str) -> tuple[int, float, str]:
    """Numbers by size, before texts."""
    try:
        return 0, float(name), ""
    except ValueError:
        return 1, 0.0, name
