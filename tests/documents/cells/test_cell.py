from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError, text_of


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_without_control_characters_stays_as_it_is(text: str) -> None:
    assert text_of(text) == text
    assert text_of(text.encode()) == text


@pytest.mark.parametrize(
    ("cell", "text"), [(7, "7"), (7.0, "7"), (0.5, "0.5"), (True, "true"), (False, "false")]
)
def test_typed_cells_read_as_text_formats_write_them(cell: object, text: str) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("a\x00b", "control character '\\x00'"),
        ("a\x1b[31mb", "control character '\\x1b'"),
        ("a\nb", "control character '\\n'"),
        (b"\xff", "is not UTF-8 text (byte 0)"),
        ("Stra\ud800e", "half a character"),
        ([1], "a list, which is no text"),
        ("x" * ((1 << 20) + 1), "longer than 1 MiB"),
    ],
)
def test_everything_else_has_a_reason(cell: object, reason: str) -> None:
    with pytest.raises(CellError, match=r".+") as raised:
        text_of(cell)
    assert reason in str(raised.value)
    assert len(str(raised.value)) < 200


def test_lines_and_tabs_are_text_where_lines_are() -> None:
    assert text_of("a\tb\r\nc", lines=True) == "a\tb\r\nc"
    with pytest.raises(CellError, match="control"):
        text_of("a\x0bb", lines=True)
