"""Outputs that no rule knows: a function of the input, or of the row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.serving_check.company import Company
from documents.tolerance import Tolerance

POOL = 20
EMBEDDINGS = np.random.default_rng(0).normal(size=(POOL, 4)).astype(np.float32) * 1_000
NAMES = np.array([f"name {number}".encode() for number in range(POOL)], object)

BATCH = st.lists(st.integers(0, POOL - 1), min_size=1, max_size=6)
BATCHES = st.lists(BATCH, min_size=1, max_size=9)
FUNCTIONS = {
    "of floats": lambda places: EMBEDDINGS[places] * np.float32(1 + 1e-6 * len(places)),
    "of texts": lambda places: NAMES[places],
    "of nothing": lambda places: np.zeros((len(places), 0), np.float32),
    "row numbers": lambda places: np.arange(len(places)),
    "rows still to come": lambda places: len(places) - np.arange(len(places)),
    "the size of the batch": lambda places: np.full((len(places), 1), len(places)),
}


def first_other(function, batches):
    company = None
    for places in batches:
        values = function(places)
        company = company or Company(POOL, values, Tolerance(1e-5, 1e-4))
        row = company.other_row(places, values)
        if row is not None:
            return row
    return None


@pytest.mark.medium
@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@settings(max_examples=30)
@given(batches=BATCHES)
def test_what_depends_on_the_input_or_on_the_row_alone_is_fine(function, batches):
    assert first_other(function, batches) is None


def wrong_at_six(places):
    return EMBEDDINGS[places] + np.float32(len(places) == 6)


def second_row_first(places):
    return EMBEDDINGS[np.roll(places, 1)]


def numbered_by_neighbours(places):
    return np.arange(len(places)) + max(places)


@pytest.mark.parametrize("function", [wrong_at_six, second_row_first, numbered_by_neighbours])
def test_what_depends_on_the_others_is_not(function):
    batches = [[0], [1], [0, 1], [1, 2], [0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 1]]
    assert first_other(function, batches) is not None


def test_what_is_not_the_same_twice_is_not():
    random = np.random.default_rng(0)
    assert first_other(lambda places: random.normal(size=len(places)), [[0], [0], [0]]) == 0
