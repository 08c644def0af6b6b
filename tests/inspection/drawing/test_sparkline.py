"""Small curves."""

from __future__ import annotations

from inspection.drawing.sparkline import HEIGHT, sparkline
from tests.there import there


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
        str(HEIGHT / 2)
    }
