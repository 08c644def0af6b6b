"""Rows of everything that a vocabulary knows."""

from __future__ import annotations

import numpy as np

from models.reference.known_words import WORDS_OF_A_TEXT, Row, known_rows

ROWS: list[Row] = [{"fare": float(number), "zip": b"1", "remarks": b"good"} for number in range(3)]
ZIPS = [f"{number:05}".encode() for number in range(300)]
WORDS = [f"w{number}".encode() for number in range(999)] + [b"two words"]


def made(most: int = 1_000, zips=ZIPS, words=WORDS, seed: int = 0):
    random = np.random.default_rng(seed)
    return [row for _, row in known_rows(ROWS, {"zip": zips}, {"remarks": words}, most, random)]


def test_every_category_and_every_word_stands_in_a_row():
    rows = made()
    assert sorted(row["zip"] for row in rows) == ZIPS
    held = {word for row in rows for word in row["remarks"].split()}
    assert {word for each in WORDS for word in each.split()} == held
    assert any(b"two words" in row["remarks"] for row in rows)
    assert max(len(row["remarks"].split()) for row in rows) <= WORDS_OF_A_TEXT + 1


def test_all_else_is_of_the_data():
    assert {row["fare"] for row in made()} == {0.0, 1.0, 2.0}


def test_with_room_for_few_rows_all_words_are_in_longer_texts_and_categories_are_spread():
    rows = made(most=10)
    assert len(rows) == 10
    assert len({row["zip"] for row in rows}) == 10
    assert {b"w0", b"w998"} <= {word for row in rows for word in row["remarks"].split()}


def test_nobody_knows_which_stand_together_who_does_not_know_the_seed():
    assert made() == made()
    assert made() != made(seed=1)


def test_without_a_vocabulary_there_is_none():
    assert [*known_rows(ROWS, {}, {}, 1_000, np.random.default_rng(0))] == []
