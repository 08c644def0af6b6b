"""Orders in which parts of two columns meet."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.orthogonal_array import paired_places


def _places(count: int, columns: int, seed: int = 0):
    return paired_places(count, columns, np.random.default_rng(seed))


@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 2**32))
def test_each_value_of_a_column_stands_in_one_row(count, columns, seed):
    found = _places(count, columns, seed)
    assert len(found) == columns
    for places in found:
        assert sorted(places.tolist()) == [*range(count)]


@pytest.mark.parametrize("prime", [2, 3, 5, 13])
def test_each_part_of_a_column_meets_each_of_every_other_once(prime):
    found = _places(prime * prime, prime + 1, 7)
    for one, other in itertools.combinations(found, 2):
        pairs = {*zip((one // prime).tolist(), (other // prime).tolist(), strict=True)}
        assert len(pairs) == prime * prime


def test_rows_that_make_no_square_leave_fewer_pairs_out_than_chance():
    # 200 rows: a square of 13, and 31 more; chance has 117 of the 169.
    for seed in range(9):
        one, other = (places * 13 // 200 for places in _places(200, 2, seed))
        assert len({*zip(one.tolist(), other.tolist(), strict=True)}) > 0.78 * 169


def test_columns_beyond_the_square_meet_the_others_by_chance():
    found = [places // 5 for places in _places(25, 14)]
    for one, other in itertools.combinations(found, 2):
        assert len({*zip(one.tolist(), other.tolist(), strict=True)}) > 10


def test_nobody_knows_what_meets_who_does_not_know_the_seed():
    one, again, other = (np.array(_places(49, 3, seed)) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
