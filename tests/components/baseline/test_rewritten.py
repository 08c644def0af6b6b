"""Categories of a later span that are the same words in another writing."""

from __future__ import annotations

import unicodedata

import pytest

from components.baseline.rewritten import rewritten
from documents.features import Feature, Features, Label, Seen
from documents.shown import shown


def _described(*values: str, kind: str = "category", name: str = "sex") -> Features:
    feature = Feature(name=name, kind=kind, seen=Seen(values=values))
    return Features(features=(feature,), label=Label(name="y", kind="classes"))


def _told(before: tuple[str, ...], now: tuple[str, ...]) -> list[str]:
    return [*rewritten(_described(*before), _described(*now))]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("female", "Female"),
        ("01002", "1002"),
        ("01002", "1002.0"),
        ("01002", "'01002"),
        ("New York", "New\u00a0York"),
        ("Löwe", unicodedata.normalize("NFD", "Löwe")),
        ("A棟", "Ａ棟"),
        ("BLUE", '="BLUE"'),
    ],
)
def test_another_writing_is_told_with_both(before: str, now: str) -> None:
    [told] = _told(("x", before, "z"), ("z", "x", now))
    assert told == f"column sex holds '{shown(now)}', which was '{before}'"


def test_categories_none_of_which_was_known_are_told() -> None:
    [told] = _told(("male", "female"), ("M", "F"))
    assert told == "column sex holds 'M' and others, and none of what it held ('male')"


@pytest.mark.parametrize("word", ["NA", "None", "n/a"])
def test_a_word_for_nothing_that_is_gone_may_be_an_empty_cell(word: str) -> None:
    [told] = _told(("Grvl", word, "Pave"), ("Pave", "Grvl"))
    assert told == f"column sex holds no '{word}', unless as empty cells, as it did"
    assert _told(("Grvl", word), ("Grvl", word)) == []


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (("a", "b"), ("b", "c", "d")),
        (("a", "A"), ("A", "a", "b")),
        (("2025",), ("2026",)),
        (("1", "2"), ("3",)),
        (("A+", "B"), ("A-", "B")),
        ((), ("a", "b")),
        (("a", "b"), ()),
    ],
)
def test_new_categories_alone_are_nothing_to_tell(
    before: tuple[str, ...], now: tuple[str, ...]
) -> None:
    assert _told(before, now) == []


def test_only_columns_that_are_categories_in_both_are_compared() -> None:
    lower, upper = _described("a", "b"), _described("A", "B")
    assert len([*rewritten(lower, upper)]) == 1
    assert not [*rewritten(_described("a", "b", kind="text"), upper)]
    assert not [*rewritten(_described("a", "b", name="other"), upper)]
    unseen = lower.features[0].replaced(seen=None)
    assert not [*rewritten(lower, lower.replaced(features=(unseen,)))]
