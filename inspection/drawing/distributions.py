"""The distributions of features, beside those of other data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from inspection.drawing.bars import Bars, bars
from inspection.evidence.statistics import Feature, Statistics, distance


@dataclasses.dataclass(frozen=True)
class Row:
    """A feature, and the same one in what it is compared with."""

    now: Feature
    before: Feature | None
    distance: float | None
    bars: Bars | None
    kind: str | None = None
    """As people declared it; None where nobody did."""


@dataclasses.dataclass(frozen=True)
class Split:
    """One split with its features, those furthest from before first."""

    name: str
    examples: int
    before: str | None
    """What it is compared with, for people."""
    rows: tuple[Row, ...]


def split_rows(
    found: Sequence[Statistics],
    compared: Sequence[Statistics],
    name: str | None,
    kinds: Mapping[str, str] | None = None,
) -> list[Split]:
    """Each split beside the same split of other statistics; without any, beside the first split.

    Training data that differ from evaluation data are skew, and worth a look in themselves.
    """
    old = {each.split: each for each in compared}
    trained = next((each for each in found if each.split == "train"), found[0] if found else None)
    splits = []
    for each in found:
        if name:
            beside, title = old.get(each.split), name
        elif trained and each.split != trained.split:
            beside, title = trained, f"split {trained.split}"
        else:
            beside, title = None, ""
        rows = [
            _row(feature, beside.features.get(feature.name) if beside else None, kinds or {})
            for feature in each.features.values()
        ]
        rows.sort(key=lambda row: -(row.distance or 0.0))
        splits.append(Split(each.split, each.examples, title if beside else None, tuple(rows)))
    return splits


def _row(now: Feature, before: Feature | None, kinds: Mapping[str, str]) -> Row:
    apart = distance(before, now) if before else None
    return Row(now, before, apart, bars(now, before), kinds.get(now.name))
