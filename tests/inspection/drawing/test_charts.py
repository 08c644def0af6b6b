"""Small charts."""

from __future__ import annotations

import pytest

from inspection.drawing.charts import (
    BARS_HEIGHT,
    BARS_WIDTH,
    SCALE_WIDTH,
    SPARK_HEIGHT,
    bars,
    scales,
    sparkline,
)
from inspection.evidence.statistics import Bucket, Feature
from inspection.metrics import Metric
from tests.there import there


def feature(*, buckets=(), values=None) -> Feature:
    return Feature("f", "int", 1, 0, {}, tuple(Bucket(*each) for each in buckets), values or {})


def test_a_sparkline_rises_with_its_values_and_shows_a_threshold_among_them():
    found = there(sparkline([1.0, 2.0, 3.0], limit=2.0))
    heights = [float(point.split(",")[1]) for point in found.points.split()]
    assert heights == sorted(heights, reverse=True)
    assert found.limit == heights[1]
    assert found.last == tuple(map(float, found.points.split()[-1].split(",")))


def test_a_threshold_outside_of_all_values_is_drawn():
    near = there(sparkline([1.0, 2.0], limit=0.5))
    assert near.limit == 32.0  # at the bottom; the values stand above
    assert near.points.startswith("4.0,22.7 ")
    far = there(sparkline([1.0, 2.0], limit=9.0))
    assert far.beyond
    assert far.limit == 4.0  # at the edge, and the values keep their shape
    assert far.points == "4.0,32.0 156.0,4.0"


def test_a_thousand_values_are_a_line_in_a_band_and_not_a_block():
    drawn = there(sparkline([float(number % 2) for number in range(1000)]))
    assert len(drawn.points.split()) <= 80
    assert len(drawn.band.split()) == 2 * len(drawn.points.split())
    assert drawn.points.split()[-1] == "156.0,4.0"  # the last value itself
    assert there(sparkline([0.0] * 80)).band == ""


def test_one_value_is_no_curve_and_equal_values_are_a_line_in_the_middle():
    assert sparkline([1.0]) is None
    assert {point.split(",")[1] for point in there(sparkline([5.0, 5.0])).points.split()} == {
        str(SPARK_HEIGHT / 2)
    }


def test_bars_of_values_are_shares_in_numeric_order_beside_those_before():
    found = there(
        bars(feature(values={"10": 3.0, "9": 1.0}), feature(values={"10": 100.0, "9": 100.0}))
    )
    assert (found.left, found.right) == ("9", "10")
    assert [bar.title for bar in found.now] == ["9: 25.0%", "10: 75.0%"]
    assert [bar.height for bar in found.now] == [BARS_HEIGHT / 3, BARS_HEIGHT]
    assert len({bar.height for bar in found.before}) == 1


def test_histograms_share_one_axis():
    found = there(bars(feature(buckets=[(0, 5, 1), (5, 10, 1)]), feature(buckets=[(5, 20, 7)])))
    assert (found.left, found.right) == ("0", "20")
    assert [bar.x for bar in found.now] == [0, BARS_WIDTH / 4]
    assert [(bar.x, bar.width) for bar in found.before] == [(BARS_WIDTH / 4, BARS_WIDTH * 0.75)]


def test_a_feature_without_a_distribution_has_no_bars():
    assert bars(feature()) is None


@pytest.mark.parametrize(("higher", "least"), [(True, 0.88), (False, 0.92)])
def test_a_metric_stands_between_its_limits(higher, least):
    metric = Metric("m", "overall", 0.95, 0.9, 0.8, None, 0.02, higher)
    [found], low, high = scales([metric])
    assert (low, high) == (0.5, 1.0)
    assert found.value == pytest.approx((0.95 - 0.5) * 2 * SCALE_WIDTH, abs=0.1)
    assert found.lower == pytest.approx((0.8 - 0.5) * 2 * SCALE_WIDTH, abs=0.1)
    assert found.least == pytest.approx((least - 0.5) * 2 * SCALE_WIDTH, abs=0.1)
    assert found.upper is None
