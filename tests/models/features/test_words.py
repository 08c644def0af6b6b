from __future__ import annotations

import datetime
import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from models.features.category.kind import Category
from models.features.ignore.kind import Ignore
from models.features.text.kind import Text

CATEGORY, TEXT = Category(kind="category"), Text(kind="text")
printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


@given(printable)
def test_words_stay_as_they_are_but_for_blanks_around(text: str) -> None:
    wanted = text.strip().encode() or None
    assert CATEGORY.value(text) == wanted
    assert TEXT.value(text) == wanted
    assert TEXT.value(f"{text}\nand {text}") == f"{text}\nand {text}".strip().encode()


@pytest.mark.parametrize("cell", ["", "  ", None, float("nan")])
def test_nothing_is_missing(cell: object) -> None:
    assert CATEGORY.value(cell) is None
    assert TEXT.value(cell) is None


def test_na_may_be_namibia_and_codes_keep_their_zeros() -> None:
    assert CATEGORY.value("NA") == b"NA"
    assert CATEGORY.value("00501") == b"00501"
    assert CATEGORY.value("12345678901234567890") == b"12345678901234567890"


def test_a_category_is_the_same_in_every_format() -> None:
    assert CATEGORY.value(5) == CATEGORY.value(5.0) == CATEGORY.value("5")
    assert CATEGORY.value(True) == b"true"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (datetime.date(2026, 11, 25), b"2026-11-25"),
        (datetime.time(9, 30), b"09:30:00"),
        (decimal.Decimal("1.50"), b"1.5"),
        (decimal.Decimal("1E+2"), b"100"),
        (datetime.timedelta(hours=1), b"3600"),
    ],
)
def test_typed_cells_are_words(cell: object, text: bytes) -> None:
    assert CATEGORY.value(cell) == TEXT.value(cell) == text


def test_a_list_is_the_text_of_its_items() -> None:
    assert TEXT.value(["red", None, 5, "très grand"]) == "red 5 très grand".encode()
    assert TEXT.value([]) is None
    with pytest.raises(CellError, match="holds a list, which is no text"):
        CATEGORY.value(["red"])
    with pytest.raises(CellError, match="holds a dict, which is no text"):
        TEXT.value([{"a": 1}])


@given(st.sampled_from(["1", "-7", "+12", "007", "x", "1.", "A1"]), st.integers(0, 3), printable)
def test_whole_numbers_are_served_as_cells_are_read(number: str, zeros: int, blank: str) -> None:
    import tensorflow as tf

    from models.features.category.transform import transform

    kind = Category(kind="category", whole=True)
    text = f" {number}{'.' * bool(zeros)}{'0' * zeros}{blank}"
    found = transform(kind, "zone", tf.constant([text])).words["zone"].numpy()
    assert [*found] == [kind.value(text) or b""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't. 5x!", ["i", "don't", "5x"]),
        ("很好、ok", ["很", "好", "ok"]),
        ("منتج رائع", ["منتج", "رائع"]),
        ("हिन्दी", ["हिन्दी"]),
        ("❤️😀😀", ["❤", "😀", "😀"]),
    ],
)
def test_texts_of_any_writing_have_words(text: str, words: list[str]) -> None:
    import tensorflow as tf

    from models.features.text.transform import transform

    parts = transform(Text(kind="text", ngrams=1), "t", tf.constant([text]))
    assert [word.decode() for word in parts.texts["t"].values.numpy()] == words


def test_what_is_no_category_has_a_reason() -> None:
    with pytest.raises(CellError, match="make the column a text"):
        CATEGORY.value("x" * 1_001)
    with pytest.raises(CellError, match="control character"):
        CATEGORY.value("two\nlines")
    with pytest.raises(CellError, match="not UTF-8"):
        TEXT.value("Süß".encode("latin-1"))


@given(st.one_of(st.text(), st.binary(), st.integers(), st.lists(st.integers())))
def test_ignored_cells_may_be_anything(cell: object) -> None:
    Ignore(kind="ignore").value(cell)  # It raises nothing.
