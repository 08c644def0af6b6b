"""The geometry of the report's charts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.serving_check.charts import (
    HEIGHT,
    WIDTH,
    diagonal,
    histogram,
    scatter,
    timeline,
)


@given(st.lists(st.floats(0.001, 1e5), min_size=1, max_size=200))
def test_a_histogram_stays_in_its_area_and_its_highest_bar_fills_it(values):
    chart = histogram(values, [("p50", min(values)), ("p99", max(values))])
    assert max(bar.height for bar in chart.bars) == HEIGHT
    for bar in chart.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH + 0.2
    for tick in (*chart.ticks, *chart.marks):
        assert -0.1 <= tick.at <= WIDTH + 0.1
    assert sum(int(bar.title.split()[2]) for bar in chart.bars) == len(values)


def test_a_histogram_of_one_value_is_one_bar():
    chart = histogram([2.0] * 5, [("p50", 2.0)])
    assert len(chart.bars) == 1
    assert chart.marks[0].text == "p50 2.00 ms"


@given(
    st.lists(
        st.floats(0, 1e9) | st.just(math.inf),
        min_size=1,
        max_size=50,
    )
)
def test_points_above_the_limit_fail_and_points_below_pass(ratios):
    chart = scatter([("s", ratios)])
    heights = [float(point.split()[1].removesuffix("h0")) for point in _points(chart)]
    for ratio, height in zip(ratios, heights, strict=True):
        assert 0 <= height <= HEIGHT
        # The picture is rounded to a tenth of a unit, so what is nearly at the limit is on it.
        if ratio > 1.1:
            assert height < chart.limit
        if ratio < 0.9:
            assert height > chart.limit


def test_one_point_for_each_example_from_edge_to_edge():
    chart = scatter([("a", [0.1] * 11), ("b", [0.2] * 11)])
    assert [series.name for series in chart.series] == ["a", "b"]
    places = [float(point.split()[0]) for point in _points(chart)]
    assert places == pytest.approx([WIDTH * index / 10 for index in range(11)])
    assert chart.last == 10


def test_two_histograms_share_axis_and_scale():
    chart = histogram([1.0] * 4, [], live=[10.0] * 8)
    [bar], [live] = chart.bars, chart.live
    assert (bar.x, bar.height) == (0, HEIGHT / 2)
    assert live.x > bar.x
    assert live.height == HEIGHT


@given(
    st.lists(st.tuples(*[st.integers(0, 99)] * 3), min_size=1, max_size=60),
    st.floats(0, 9),
    st.floats(0, 9) | st.none(),
)
def test_a_timeline_stays_in_its_area(tallies, acted, live):
    chart = timeline(tallies, 0.1, acted, live)
    for piece in chart.slices:
        assert piece.former + piece.latter + piece.failed <= HEIGHT + 0.2
        assert 0 <= piece.x <= WIDTH
    assert 0 <= chart.acted <= WIDTH
    assert (chart.live is None) is (live is None)


def test_equal_values_lie_on_the_diagonal_and_what_is_no_probability_nowhere():
    assert diagonal([(0.0, 0.0), (0.5, 0.5), (2.0, 0.5)]) == (
        f"M0.0 {float(HEIGHT)}h0M{HEIGHT / 2} {HEIGHT / 2}h0"
    )


def _points(chart):
    return chart.series[0].path.split("M")[1:]
