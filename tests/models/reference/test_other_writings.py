"""Rows whose texts are written as other programs write them."""

from __future__ import annotations

import numpy as np
import pytest

from models.declaration import Declaration
from models.reference.other_writings import Row, other_writings

FEATURES = {
    "company": {"kind": "category"},
    "remarks": {"kind": "text"},
    "fare": {"kind": "number"},
}
KINDS = Declaration.model_validate(
    {"features": FEATURES, "label": {"name": "y", "kind": "number"}}
).used
WRITTEN = {name: KINDS[name] for name in ("company", "remarks")}
ROWS: list[Row] = [
    {"company": b"Red", "remarks": b"very good", "fare": 1.0},
    {"company": "Grün".encode(), "remarks": "un café, s'il vous plaît".encode(), "fare": 2.0},
    {"company": b"Grand Prix", "remarks": None, "fare": 3.0},
]
WORDS = {"company": [b"Red", "Grün".encode(), b"Grand Prix"]}


def made(most: int = 1_000, seed: int = 0, words=WORDS, rows=ROWS):
    random = np.random.default_rng(seed)
    return [row for _, row in other_writings(WRITTEN, ROWS[:1], words, rows, most, random)]


def test_each_way_of_writing_stands_beside_a_value_that_it_changes():
    companies, remarks = ({row[name] for row in made()} for name in WRITTEN)
    # Of one in three companies each; of the others it would be the company itself.
    assert {b"Grun", b"Gruen", b"Gr?n", b"Gr\xfcn", b"Grand  Prix", b"Grand_Prix"} <= companies
    assert {b"Reds", b"Red.", b"'Red'", b"(Red)", b"#Red"} <= companies
    assert {b"very goods", b"un cafe, s'il vous plait"} <= remarks
    assert "un café, s\u2019il vous plaît".encode() in remarks
    assert {row["company"] for row in ROWS}.isdisjoint(companies)


def test_no_way_of_writing_is_left_out():
    found = {row["company"] for row in made(words={"company": [b"Red"]})}
    assert found >= {*WRITTEN["company"].variants(b"Red")} - {b"Red"}


def test_where_another_column_has_more_ways_there_is_chance_instead_of_repetition():
    kinds = {**WRITTEN, "fare": KINDS["fare"]}
    random = np.random.default_rng(0)
    found = [*other_writings(kinds, ROWS[:1], WORDS, ROWS, 1_000, random)]
    fares = [row["fare"] for _, row in found]
    assert len({*fares}) > 0.6 * len(fares)


def test_all_else_is_of_the_rows():
    assert {row["fare"] for row in made()} == {1.0}


def test_without_a_vocabulary_values_of_the_data_are_written_otherwise():
    assert b"Grun" in {row["company"] for row in made(words={})}


@pytest.mark.medium
def test_numbers_by_chance_leave_no_wide_range_out():
    values: list[Row] = [{**ROWS[0], "fare": float(fare)} for fare in range(5, 20)]
    for seed in range(3):
        random = np.random.default_rng(seed)
        found = [*other_writings(KINDS, values[:1], WORDS, values, 1_000, random)]
        fares = np.array([row["fare"] for _, row in found])
        for low in np.geomspace(3, 3_000, 25):
            assert ((fares > low) & (fares < low * (1.5 if low < 30 else 3))).any()


def test_numbers_and_moments_are_others_too():
    declared = {"fare": {"kind": "number"}, "start": {"kind": "date"}}
    label = {"name": "y", "kind": "number"}
    kinds = Declaration.model_validate({"features": declared, "label": label}).used
    values: list[Row] = [
        {"fare": float(number), "start": b"2026-01-%02dT07:00:00" % number}
        for number in range(1, 29)
    ]
    random = np.random.default_rng(0)
    found = [row for _, row in other_writings(kinds, values[:3], {}, values, 1_000, random)]
    fares = np.array([row["fare"] for row in found])
    for low, high in ((2_000, 90_000), (-0.9, -0.05), (-90_000, -2_000), (0.01, 0.09)):
        assert ((fares > low) & (fares < high)).any()
    assert {1.0, 100.0, 1_000.0} <= {*fares.tolist()}
    assert {b"2026-03-29T02:30", b"2026-11-01T01:30"} <= {row["start"] for row in found}


def test_columns_that_hold_nothing_stay_as_they_are():
    empty: list[Row] = [{**row, "remarks": None} for row in ROWS]
    assert {row["remarks"] for row in made(rows=empty)} == {b"very good"}


def test_there_are_as_many_as_there_is_room_for():
    assert len(made(most=7)) == 7
    assert [*other_writings({}, ROWS, {}, ROWS, 9, np.random.default_rng(0))] == []


def test_nobody_knows_what_stands_together_who_does_not_know_the_seed():
    assert made() == made()
    assert made() != made(seed=1)
