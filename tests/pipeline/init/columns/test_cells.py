"""Cells as texts, or nothing."""

from __future__ import annotations

import pytest

from pipeline.init.columns.cells import is_class, plain, spelled, words


@pytest.mark.parametrize(
    ("cell", "text", "word"),
    [
        (" a ", "a", None),
        (" NA ", None, "NA"),
        ("-", None, "-"),
        ("  ", None, None),
        (None, None, None),
        (float("nan"), None, None),
        (1.0, "1", None),
        (True, "true", None),
        (["a", None, 2], "a 2", None),
        (["a\nb"], "a\nb", None),
        (b"\xff\x00", "b'\\xff\\x00'", None),
    ],
)
def test_a_cell_is_a_text_or_says_that_it_is_nothing(
    cell: object, text: str | None, word: str | None
) -> None:
    assert (plain(cell), spelled(cell)) == (text, word)


def test_which_words_for_nothing_may_be_classes() -> None:
    assert [
        word for word in ("None", "none", "-", "\u2013", "NA", "NaN", "null", "?") if is_class(word)
    ] == [*("None", "none", "-", "\u2013")]


def test_words_of_languages_with_and_without_blanks() -> None:
    assert words("very good film") == 3
    assert words("这个产品非常好") == 4
