"""How slices read."""

from __future__ import annotations

import pytest

from documents.slice import OVERALL, slice_title

LABELS = ("Top", "Trouser")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (OVERALL, OVERALL),
        ("label=1", "label=1 (Trouser)"),
        ("label=2", "label=2"),
        ("label=-1", "label=-1"),
        ("label=²", "label=²"),
        ("label=" + "9" * 5_000, "label=" + "9" * 5_000),
        ("price=1", "price=1"),
    ],
)
def test_numbers_of_labels_get_their_names(name: str, title: str) -> None:
    assert slice_title(name, LABELS) == title


def test_a_name_that_is_the_number_is_said_once() -> None:
    assert slice_title("label=1", ("0", "1")) == "label=1"
    assert slice_title("label=0", ("1", "2")) == "label=0 (1)"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("big tipper=1", "big tipper=1 (Trouser)"),
        ("label=1", "label=1"),
        ("company=big tipper=1", "company=big tipper=1"),
    ],
)
def test_the_label_is_called_as_people_call_it(name: str, title: str) -> None:
    assert slice_title(name, LABELS, "big tipper") == title
