"""What a network says of inputs that were made up, and when that counts for nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from models.reference.answered import answered, is_refused


def test_what_has_an_answer_has_it():
    assert answered([1.0, 2.0], lambda rows: [[row, -row] for row in rows]) == [(1, -1), (2, -2)]
    assert answered([], lambda rows: []) == []


@pytest.mark.parametrize("bad", [[2], [0, 3], [0, 1, 2, 3, 4]])
def test_one_that_is_refused_spoils_no_other(bad):
    def answers(rows):
        if set(rows) & set(bad):
            raise tf.errors.InvalidArgumentError(None, None, "no date")
        return [[row, -row] for row in rows]

    found = answered(list(range(5)), answers)
    assert found == [None if row in bad else (row, -row) for row in range(5)]
    assert [is_refused(row, answers) for row in range(5)] == [row in bad for row in range(5)]


def test_a_refusal_that_nobody_can_read_is_one():
    def answers(rows):
        if b"\xff" in rows:
            # As TensorFlow does when its message has bytes that are no text.
            b"\xff".decode()
        return [[len(row)] for row in rows]

    assert answered([b"one", b"\xff"], answers) == [(3,), None]
    assert is_refused(b"\xff", answers)


def test_what_is_no_number_counts_for_nothing():
    assert answered([1.0, np.nan, np.inf], lambda rows: [[row] for row in rows]) == [
        (1,),
        None,
        None,
    ]


def test_what_the_company_decides_counts_for_nothing():
    def answers(rows):
        return [[row * (1 + 1e-3 * place)] for place, row in enumerate(rows)]

    assert answered([0.0, 1.0, 2.0], answers) == [(0,), pytest.approx((1.001,)), None]


def test_what_was_asked_in_the_same_company_is_not_asked_again():
    asked = []

    def answers(rows):
        asked.append([*rows])
        return [[row] for row in rows]

    companies: dict[tuple[int, ...], list[Any]] = {}
    assert answered([*range(7)], answers, companies) == [(row,) for row in range(7)]
    assert asked == [[0, 1, 2, 3, 4, 5, 6], [4, 3, 2, 1, 0], [6, 5]]
    asked.clear()
    # Of the first five it is known; what stood last stands among others now.
    assert answered([*range(8)], answers, companies) == [(row,) for row in range(8)]
    assert asked == [[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5]]
