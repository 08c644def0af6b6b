"""Labels of several tags at once."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.init.columns.column import Column
from pipeline.init.columns.tags import flags_of, nothing_of, tags_of, words_of
from pipeline.init.images.images import ImagesReport


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
        (['{"choices": ["war", "love"]}', "war", "love", '{"choices": ["art"]}'], None),
        (["<war><love>", "<war>", "<love>", "<art>", ""], None),
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
        ["<50>", "<none>", "<50>"],
        ["<a><b>", "c", "<a>"],
        [f"{i}|{i + 1}" for i in range(300)],
    ],
)
def test_classes_and_numbers_are_no_tags(cells: list[object]) -> None:
    assert found(cells) == (Counter(), None)


@pytest.mark.parametrize(
    ("cells", "nothing"),
    [
        (["war|love", "war", "(no genres listed)", "love|art"], {"(no genres listed)": 1}),
        (["war|love", "No Finding", "No Finding", "war|art"], {"No Finding": 2}),
        ([["war", "love"], ["No Finding"], ["love"]], {"No Finding": 1}),
        (['["war", "love"]', '["untagged"]', '["love"]'], {"untagged": 1}),
        (["war|love", "<none>", "love|art"], {"<none>": 1}),
        (["<war><love>", "<untagged>", "<love>"], {"untagged": 1}),
        (["war|no entry", "no entry", "love|art"], {}),
        (["war|love", "Nova", "north", "love|art", "noir"], {}),
        (["(a)|(b)", "(b)|(a)", "(a)", "(b)"], {}),
    ],
)
def test_what_says_that_there_is_no_tag_never_stands_beside_one(
    cells: list[object], nothing: dict[str, int]
) -> None:
    column = Column("genres")
    column.add(cells)
    tags, _ = tags_of(column)
    assert tags
    assert dict(nothing_of(column, tags)) == nothing


def flags(**columns: tuple[str, ...]) -> list[str]:
    made = []
    for name, cells in columns.items():
        made.append(Column(name))
        made[-1].add([*cells] * 30)
    return flags_of(made[0], made[1:])


YES = ("1", "0", "0")
PLOT = tuple(f"a plot of several words {word}" for word in ("love", "war", "art"))


def test_columns_that_say_yes_or_no_as_the_label_may_be_tags() -> None:
    assert flags(is_war=YES, is_love=YES, is_art=YES, n=("1", "2", "3")) == ["is_love", "is_art"]
    assert flags(toxic=YES, rude=YES, threat=YES, text=PLOT) == ["rude", "threat"]
    assert flags(is_war=("true", "false"), is_love=("False", "True"), is_art=("true", "false"))
    assert flags(survived=YES, alone=YES, old=YES, n=("1", "2", "3")) == []
    assert flags(is_war=YES, is_love=YES, text=PLOT) == []
    assert flags(is_war=("a", "b"), is_love=("a", "b"), is_art=("a", "b")) == []


def test_one_column_beside_images_may_be_a_tag_too() -> None:
    label, dog, photo = Column("cat"), Column("dog"), Column("filename")
    for column in (label, dog):
        column.add([*YES] * 30)
    photo.images = ImagesReport(Counter(photo=90), {(9, 7)})
    assert flags_of(label, [photo, dog]) == ["dog"]
    assert flags_of(label, [photo]) == []
    age = Column("age")
    age.add(["31", "45", "52"] * 30)
    assert flags_of(label, [photo, dog, age]) == []


def test_words_in_several_orders_may_be_tags() -> None:
    def words(*cells: str) -> int:
        column = Column("tags")
        column.add(cells)
        return words_of(column)

    assert words("java", "web", "c", "java web", "web java", "web c", "c web", "c java") == 3
    assert words("New York", "York", "Los Angeles", "San Diego", "San Jose", "Jose") == 0
    assert words("very good", "good", "bad", "very bad", "not bad", "not good") == 0
    assert words("no", "yes") == 0
