"""Draws that are spread evenly over rounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.image.latin_hypercube import LatinHypercube


def _draws(seed: int, rounds: int) -> LatinHypercube:
    return LatinHypercube(np.random.default_rng(seed), rounds)


@given(st.integers(0, 2**32), st.integers(1, 9), st.sampled_from([None, (), (1,), (3,)]))
def test_each_part_of_a_range_has_one_value_of_all_rounds(seed, rounds, size):
    draws = _draws(seed, rounds)
    found = []
    for _ in range(rounds):
        draws.begin()
        draws.uniform()
        found.append(np.atleast_1d(draws.uniform(-5, 15, size)))
    parts = np.sort(np.floor((np.array(found) + 5) / 20 * rounds), axis=0)
    assert (parts == np.arange(rounds)[:, np.newaxis]).all()


def test_what_is_drawn_second_does_not_follow_from_the_first():
    pairs = set()
    for seed in range(40):
        draws = _draws(seed, 4).begin()
        pairs.add((int(draws.uniform(0, 4)), int(draws.uniform(0, 4))))
    assert len(pairs) > 10


@pytest.mark.parametrize("size", [None, (), (3,), 2, (28, 28)])
def test_values_have_the_size_that_was_asked_for(size):
    assert np.shape(_draws(1, 4).begin().uniform(2, 3, size)) == np.shape(
        np.random.default_rng(1).uniform(2, 3, size)
    )


def test_many_at_once_are_drawn_as_ever():
    found = _draws(1, 4).begin().uniform(0, 1, (28, 28))
    assert found.min() < 0.05
    assert found.max() > 0.95


def test_the_same_seed_makes_the_same_values_and_the_first_round_comes_again():
    draws, others = _draws(7, 3), _draws(7, 3)
    first = [draws.begin().uniform() for _ in range(4)]
    again = [others.begin().uniform() for _ in range(4)]
    assert first == again
    assert int(first[0] * 3) == int(first[3] * 3)
