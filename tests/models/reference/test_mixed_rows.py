"""Rows that are made by chance."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models.declaration import Declaration
from models.reference.mixed_rows import FEWEST, MOST, mixed_rows

FEATURES = {
    "fare": {"kind": "number"},
    "company": {"kind": "category"},
    "start": {"kind": "date"},
    "remarks": {"kind": "text"},
}
KINDS = Declaration.model_validate(
    {"features": FEATURES, "label": {"name": "y", "kind": "number"}}
).used
ROWS = [
    {
        "fare": float(number),
        "company": b"Red" if number % 2 else None,
        "start": b"2026-02-03T04:05:06",
        "remarks": b"a good ride",
        "photo": bytes([number]),
    }
    for number in range(9)
]


def made(seed: int = 0):
    words = {"company": [b"Rare"]}
    return [row for _, row in mixed_rows(KINDS, ROWS, words, np.random.default_rng(seed))]


@pytest.mark.medium
def test_every_column_is_now_missing_now_far_now_another_rows():
    rows = made()
    assert len(rows) == MOST
    for name in KINDS:
        values = [row[name] for row in rows]
        assert None in values
        assert len({value for value in values if value is not None}) > 5
        assert set(values) & {row[name] for row in ROWS} - {None}
    assert b"Rare" in [row["company"] for row in rows]


@pytest.mark.medium
def test_no_edge_is_left_out_and_much_is_drawn_by_chance():
    # Variants have rows of their own, see test_other_writings.py.
    rows = made()
    assert {*KINDS["start"].edges().values()} <= {row["start"] for row in rows}
    for name in ("fare", "start"):
        listed = {
            *(value for known in ROWS for value in KINDS[name].variants(known[name])),
            *(known[name] for known in ROWS),
            *KINDS[name].edges().values(),
        }
        assert len({row[name] for row in rows} - listed - {None}) > 20


@pytest.mark.medium
def test_whatever_one_column_holds_stands_beside_whatever_another_one_does():
    def fare(row):
        value = row["fare"]
        if value is None or value != value:
            return "missing"
        ends = (-1e3, -10, -1, 0, 1, 9, 30, 1e3, 1e5)
        return sum(value >= end for end in ends)

    def length(row):
        return (len(row["remarks"] or b"") + 9).bit_length()

    for seed in range(3):
        rows = made(seed)
        every = [*rows[2::4], *rows[3::4]]
        for of in (length, lambda row: row["company"] is None):
            pairs = {(fare(row), of(row)) for row in every}
            one, other = {fare(row) for row in every}, {of(row) for row in every}
            assert len(pairs) > 0.75 * len(one) * len(other)


def test_what_may_not_be_missing_is_another_rows():
    assert {row["photo"] for row in made()} == {row["photo"] for row in ROWS}


@pytest.mark.medium
def test_every_fourth_row_is_one_of_the_data_but_for_one_column():
    for row in made()[::4]:
        alike = [sum(row[name] != known[name] for name in known) for known in ROWS]
        assert min(alike) <= 1


def test_any_two_columns_may_be_missing_at_once_and_no_other():
    missing = {frozenset(name for name in row if row[name] is None) for row in made()[1::4]}
    pairs = {frozenset(pair) for pair in itertools.combinations(KINDS, 2)}
    assert pairs <= missing


def test_there_are_fewer_of_rows_with_large_images():
    rows = [{**ROWS[0], "photo": bytes(1_000_000)}]
    assert len([*mixed_rows(KINDS, rows, {}, np.random.default_rng(0))]) == FEWEST


@pytest.mark.medium
def test_nobody_knows_them_who_does_not_know_the_seed():
    assert made(0) == made(0)
    assert made(0) != made(1)


def test_a_row_of_images_alone_is_mixed_too():
    rows = [row for _, row in mixed_rows({}, [{"photo": b"x"}], {}, np.random.default_rng(0))]
    assert rows == [{"photo": b"x"}] * MOST
