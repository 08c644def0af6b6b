"""Counts in words."""

from __future__ import annotations

import pytest

from documents.terminal.counted import counted


@pytest.mark.parametrize(
    ("number", "words", "wanted"),
    [
        (1, ("run",), "1 run"),
        (0, ("run",), "0 runs"),
        (2, ("run",), "2 runs"),
        (10_000, ("run",), "10,000 runs"),
        (1, ("row was", "rows were"), "1 row was"),
        (3, ("row was", "rows were"), "3 rows were"),
    ],
)
def test_a_count_in_words(number, words, wanted):
    assert counted(number, *words) == wanted
