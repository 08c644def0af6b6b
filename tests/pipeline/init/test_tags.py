"""Labels of several tags at once."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.init.column import Column
from pipeline.init.tags import tags_of


def found(cells: list[object]) -> tuple[dict[str, int], str | None]:
    column = Column("genres")
    column.add(cells)
    tags, separator = tags_of(column)
    return dict(tags), separator


TAGS = {"war": 2, "love": 2, "art": 1}


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["war|love", "war", "love|art", ""], "|"),
        ([["war", "love"], ["war"], ["love"], ["art"], [], None], None),
        (['["war", "love"]', '["war"]', '["love"]', '["art"]', "[]"], None),
        (["['war', 'love']", "['war']", "['love']", "['art']"], None),
    ],
)
def test_tags_however_they_are_written(cells: list[object], separator: str | None) -> None:
    assert found(cells) == (TAGS, separator)


def test_tags_between_signs_that_names_may_have_stand_alone_too() -> None:
    cells = ["war; love", "war", "love", "art", "art; war", "love;war;art"]
    assert found([*cells]) == ({"war": 4, "love": 3, "art": 3}, ";")


@pytest.mark.parametrize(
    "cells",
    [
        ["yes", "no", "yes"],
        ["Paris, France", "Rome, Italy", "Bonn, Germany"],
        ["a|b", "c"],
        ["1,5", "2,5", "1", "2"],
        [f"{i}|{i + 1}" for i in range(300)],
    ],
)
def test_classes_and_numbers_are_no_tags(cells: list[object]) -> None:
    assert found(cells) == (Counter(), None)
