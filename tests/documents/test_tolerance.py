"""One rule for how far answers may differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.tolerance import Tolerance

PARITY = Tolerance(absolute=1e-5, relative=1e-4)
numbers = st.floats(-1e6, 1e6)


@given(numbers, st.floats(0, 1), st.floats(0, 1), st.floats(-0.99, 0.99))
def test_what_is_nearer_than_the_tolerance_holds(
    expected: float, absolute: float, relative: float, share: float
) -> None:
    parity, values = Tolerance(absolute, relative), np.array([expected])
    allowed = parity.around(values)
    assert allowed[0] == absolute + relative * abs(expected)
    near = values + share * allowed
    if abs(near - values)[0] <= allowed[0]:
        assert parity.holds(near, values)
    assert not parity.holds(values + 1.01 * allowed + 1e-9 * (1 + abs(expected)), values)


@pytest.mark.parametrize("wrong", [[0.5, float("nan")], [0.5], [[0.5, 0.5]], [0.5, float("inf")]])
def test_what_is_no_number_or_of_another_shape_does_not(wrong: list[float]) -> None:
    assert PARITY.holds(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    assert not PARITY.holds(np.array(wrong), np.array([0.5, 0.5]))


def test_it_reads_as_a_rule() -> None:
    assert str(PARITY) == "1e-05 + 0.0001 × |reference|"
    far = Tolerance(1e-5, 1e-4, around_value=-73.98, spread=0.04)
    assert str(far).endswith("or, if less, × 10 × the distance from -73.98")


def test_of_what_lies_far_from_nothing_the_distance_counts() -> None:
    far = Tolerance(0.0, 1e-2, around_value=1000.0, spread=5.0)
    # In the middle as at the rim, beyond it by the distance, and never more than by its own size.
    allowed = far.around(np.array([1000.0, 1005.0, 1100.0, 10.0, -9000.0]))
    np.testing.assert_allclose(allowed, [0.5, 0.5, 10.0, 0.1, 90.0])
