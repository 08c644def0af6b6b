"""A metric over runs: axes, thresholds, gaps."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from inspection.drawing.over_runs import HEIGHT, LEFT, TOP, WIDTH, Measured, over_runs
from inspection.history.records import Run
from tests.there import there

NUMBERS = st.one_of(
    st.none(), st.floats(-1e9, 1e9), st.sampled_from((math.nan, math.inf, 1e308, 5e-324))
)


def measured(*values, lower=None):
    return [
        Measured(Run(id, str(id), "p", (), None, None, "complete"), value, lower)
        for id, value in enumerate(values)
    ]


def test_a_gap_parts_the_line_and_thresholds_are_in_the_frame():
    drawn = there(over_runs(measured(0.8, 0.9, None, 0.7, 0.75, lower=0.5)))
    assert [len(line.split()) for line in drawn.lines] == [2, 2]
    assert len(drawn.dots) == 4
    [bound] = drawn.bounds
    assert len(bound.split()) == 5
    assert all(TOP <= float(p.split(",")[1]) <= HEIGHT for p in bound.split())
    assert [tick.text for tick in drawn.values] == ["0.5", "0.6", "0.7", "0.8", "0.9"]


def test_one_value_is_no_curve():
    assert over_runs(measured(None, 0.5, None)) is None


@given(st.lists(NUMBERS, max_size=30), NUMBERS)
def test_everything_stays_in_its_frame(values, lower):
    drawn = over_runs(measured(*values, lower=lower))
    if drawn:
        assert all(LEFT <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in drawn.dots)
        assert 2 <= len(drawn.values) <= 12


def test_values_next_to_nothing_have_axes():
    assert there(over_runs(measured(2.5e-119, 2.5e-119))).values
    assert there(over_runs(measured(0.0, 5e-324, 0.0))).values
