"""Geometry of the report's charts: plain numbers that the page draws as inline SVG."""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Mapping, Sequence

from documents.chart import Bar, Tick

WIDTH = 640
HEIGHT = 160
"""Drawing area in SVG user units, axes and their labels excluded."""
BINS_PER_DECADE = 30
LEAST_RATIO = 1e-4
"""Below this a difference over tolerance is as good as none."""


@dataclasses.dataclass(frozen=True)
class Histogram:
    """Bars over a logarithmic axis."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Tick, ...]
    """Vertical lines, e.g. percentiles."""
    live: tuple[Bar, ...] = ()
    """Of the live version, on the same axis."""


@dataclasses.dataclass(frozen=True)
class Series:
    """The points of one signature, as the data of one SVG path."""

    name: str
    path: str


@dataclasses.dataclass(frozen=True)
class Scatter:
    """Points over example index and a logarithmic axis."""

    series: tuple[Series, ...]
    ticks: tuple[Tick, ...]
    limit: float
    """Height of the line that no point may exceed."""
    last: int
    """Index of the last example."""


def histogram(
    values: Sequence[float],
    marks: Sequence[tuple[str, float]],
    live: Sequence[float] = (),
) -> Histogram:
    """Counts `values` (milliseconds) in logarithmic bins, so that one slow answer hides no detail.

    Args:
      values: at least one, all positive.
      marks: name and value of each vertical line.
      live: those of the live version, to be drawn over them.
    """
    both = (*values, *live)
    low = math.floor(math.log10(min(both)) * BINS_PER_DECADE)
    high = math.floor(math.log10(max(both)) * BINS_PER_DECADE) + 1
    width = WIDTH / (high - low)

    def place(value: float) -> float:
        return round((math.log10(value) * BINS_PER_DECADE - low) * width, 1)

    counts, live_counts = (
        collections.Counter(math.floor(math.log10(v) * BINS_PER_DECADE) - low for v in each)
        for each in (values, live)
    )
    highest = max((*counts.values(), *live_counts.values()))

    def drawn(counted: Mapping[int, int]) -> tuple[Bar, ...]:
        return tuple(
            Bar(
                x=round(number * width, 1),
                width=round(width, 1),
                height=round(HEIGHT * count / highest, 1),
                title=f"{_edge(low + number)}–{_edge(low + number + 1)} ms: {count} requests",
            )
            for number, count in sorted(counted.items())
        )

    return Histogram(
        bars=drawn(counts),
        ticks=tuple(
            Tick(place(value), f"{value:g}")
            for power in range(low // BINS_PER_DECADE, high // BINS_PER_DECADE + 1)
            for value in (factor * 10.0**power for factor in (1, 2, 3, 5, 7))
            if _edge_value(low) <= value <= _edge_value(high)
        ),
        marks=tuple(Tick(place(value), f"{name} {value:.2f} ms") for name, value in marks),
        live=drawn(live_counts),
    )


@dataclasses.dataclass(frozen=True)
class Slice:
    """What clients were answered in a moment: three bars, one on the other."""

    x: float
    width: float
    former: float
    """Heights."""
    latter: float
    failed: float
    title: str


@dataclasses.dataclass(frozen=True)
class Timeline:
    """Answers over time while the base path was changed."""

    slices: tuple[Slice, ...]
    acted: float
    """Where the change was made, and where the version was live; None: it never was."""
    live: float | None
    seconds: float
    """The length of the axis."""


def timeline(
    tallies: Sequence[tuple[int, int, int]], step: float, acted: float, live: float | None
) -> Timeline:
    """Draws answers of the former version, of the latter one, and failures.

    Args:
      tallies: their numbers in each `step` seconds; at least one.
      step: seconds.
      acted: seconds after the start.
      live: likewise.
    """
    total = step * len(tallies)
    highest = max(sum(each) for each in tallies) or 1
    width = WIDTH / len(tallies)

    def x(seconds: float) -> float:
        return round(min(seconds / total, 1) * WIDTH, 1)

    def height(count: int) -> float:
        return round(HEIGHT * count / highest, 1)

    return Timeline(
        slices=tuple(
            Slice(
                round(index * width, 1),
                round(width, 1),
                height(former),
                height(latter),
                height(failed),
                f"{index * step:.1f} s: {former} answers of the former version, {latter} of the "
                f"latter, {failed} failed",
            )
            for index, (former, latter, failed) in enumerate(tallies)
        ),
        acted=x(acted),
        live=None if live is None else x(live),
        seconds=total,
    )


def diagonal(points: Sequence[tuple[float, float]]) -> str:
    """Reference and served values, 0 to 1, as the data of an SVG path in a square of HEIGHT."""
    return "".join(
        f"M{round(HEIGHT * reference, 1)} {round(HEIGHT * (1 - served), 1)}h0"
        for reference, served in points
        if 0 <= reference <= 1 and 0 <= served <= 1
    )


def scatter(ratios: Sequence[tuple[str, Sequence[float]]]) -> Scatter:
    """Places each example's difference over tolerance; 1 is the limit.

    Args:
      ratios: name and values of each series; zero and what is not finite go to the axis' ends.
    """
    finite = [value for _, values in ratios for value in values if 0 < value < math.inf]
    low = math.floor(math.log10(max(min([0.01, *finite]), LEAST_RATIO)))
    high = math.ceil(math.log10(max([10, *finite])))
    last = max(len(values) for _, values in ratios) - 1

    def height(value: float) -> float:
        clamped = min(max(value, 10.0**low), 10.0**high)
        return round(HEIGHT * (1 - (math.log10(clamped) - low) / (high - low)), 1)

    return Scatter(
        series=tuple(
            Series(
                name,
                "".join(
                    f"M{round(WIDTH * index / max(last, 1), 1)} {height(value)}h0"
                    for index, value in enumerate(values)
                ),
            )
            for name, values in ratios
        ),
        ticks=tuple(
            Tick(height(10.0**power), f"{10.0**power:g}") for power in range(low, high + 1)
        ),
        limit=height(1),
        last=last,
    )


def _edge_value(number: int) -> float:
    value: float = 10.0 ** (number / BINS_PER_DECADE)
    return value


def _edge(number: int) -> str:
    return f"{_edge_value(number):.2f}"
