"""Distributions."""

from __future__ import annotations

from inspection.drawing.bars import HEIGHT, WIDTH, bars
from inspection.evidence.statistics import Bucket, Feature
from tests.there import there


def feature(*, buckets=(), values=None) -> Feature:
    return Feature("f", "int", 1, 0, {}, tuple(Bucket(*each) for each in buckets), values or {})


def test_bars_of_values_are_shares_in_numeric_order_beside_those_before():
    found = there(
        bars(feature(values={"10": 3.0, "9": 1.0}), feature(values={"10": 100.0, "9": 100.0}))
    )
    assert (found.left, found.right) == ("9", "10")
    assert [bar.title for bar in found.now] == ["9: 25.0%", "10: 75.0%"]
    assert [bar.height for bar in found.now] == [HEIGHT / 3, HEIGHT]
    assert len({bar.height for bar in found.before}) == 1


def test_histograms_share_one_axis():
    found = there(bars(feature(buckets=[(0, 5, 1), (5, 10, 1)]), feature(buckets=[(5, 20, 7)])))
    assert (found.left, found.right) == ("0", "20")
    assert [bar.x for bar in found.now] == [0, WIDTH / 4]
    assert [(bar.x, bar.width) for bar in found.before] == [(WIDTH / 4, WIDTH * 0.75)]


def test_a_feature_without_a_distribution_has_no_bars():
    assert bars(feature()) is None
