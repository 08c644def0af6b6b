"""Labels that a later file writes in other bytes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from models.labels.classes.kind import Classes
from models.labels.spelling import by_spelling, spelling
from models.labels.tags.kind import Tags

APART, WHOLE = (unicodedata.normalize(form, "Löwe") for form in ("NFD", "NFC"))


@pytest.mark.parametrize("declared", [APART, WHOLE])
def test_a_mac_may_take_letters_apart(declared: str) -> None:
    label = Classes(name="animal", kind="classes", values=["Bär", declared])
    assert [label.value(cell) for cell in (APART, WHOLE, APART.encode())] == [1, 1, 1]
    assert label.names[1] == declared
    tags = Tags(name="animals", kind="tags", values=["Bär", declared])
    for cell in (f"{APART}|Bär", ["Bär", WHOLE], f'["{APART}", "{WHOLE}"]'):
        assert declared.encode() in tags.value(cell)


@pytest.mark.parametrize("declared", [["FALSE", "TRUE"], ["False", "True"], ["false", "true"]])
def test_truths_are_the_same_in_a_spreadsheet_and_in_what_programs_write(
    declared: list[str],
) -> None:
    label = Classes(name="paid", kind="classes", values=declared)
    cells = [False, "FALSE", "False", "false", True, "TRUE", "True", "true"]
    assert [label.value(cell) for cell in cells] == [0] * 4 + [1] * 4
    for cell in ("yes", "Truthful", "tru"):
        with pytest.raises(CellError, match=r"which label\.values do not name"):
            label.value(cell)


def test_names_that_are_told_apart_stay_so() -> None:
    both = Classes(name="l", kind="classes", values=[APART, WHOLE, "True", "TRUE"])
    assert [both.value(cell) for cell in both.names] == [0, 1, 2, 3]
    with pytest.raises(CellError, match=r"which label\.values do not name"):
        both.value("true")
    cased = Classes(name="l", kind="classes", values=["Coat", "coat"])
    assert [cased.value(cell) for cell in cased.names] == [0, 1]


@given(st.lists(st.text(max_size=5), unique=True, max_size=9))
def test_each_spelling_is_of_one_name(names: list[str]) -> None:
    found = by_spelling(names)
    assert all(spelling(name) == of for of, name in found.items())
    assert len({*found.values()}) == len(found) <= len(names)


def test_blanks_around_a_declared_name_count_for_nothing() -> None:
    """A folder may be called so, and a cell never is."""
    label = Classes(name="animal", kind="classes", values=["dog", "cat "])
    assert [label.value(cell) for cell in ("cat ", "cat", "\u00a0cat", "dog ")] == [1, 1, 1, 0]
    assert Tags(name="t", kind="tags", values=[" cat"]).value("cat|") == [b" cat"]
