from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.shown import cut, shown, shown_lines

STEERING = {
    "a colour": ("\x1b[31mred", r"\x1b[31mred"),
    "a title": ("\x1b]0;you\x07", r"\x1b]0;you\x07"),
    "a C1 control": ("\x9b2J", r"\x9b2J"),
    "an override": ("a\u202eb", r"a\u202eb"),
    "an isolate": ("a\u2066b", r"a\u2066b"),
    "a line end": ("a\nb", r"a\nb"),
    "a carriage return": ("safe\revil", r"safe\revil"),
    "a line separator": ("a\u2028b", r"a\u2028b"),
    "a backspace": ("a\b", r"a\x08"),
    "NUL": ("\0", r"\x00"),
    "a name that is not UTF-8": ("\udcff", r"\udcff"),
    "a tag": ("\U000e0041", r"\U000e0041"),
}


@pytest.mark.parametrize("case", STEERING)
def test_what_steers_a_terminal_is_written_out(case: str) -> None:
    text, written = STEERING[case]
    assert shown(text) == written


@pytest.mark.parametrize(
    "text", ["T-shirt/top", "→ ≤ ✔ …", "שלום", "नमस्ते क्\u200dष", "鞋", "👟", ""]
)
def test_what_people_write_stays(text: str) -> None:
    assert shown(text) == text


def test_lines_stay_lines_where_they_are_meant() -> None:
    assert shown_lines("a\n\tb\r\x1b") == "a\n\tb\\r\\x1b"


@given(st.text())
def test_nothing_else_is_left(text: str) -> None:
    for letter in shown(text):
        assert unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(letter) not in (
            *("LRE", "RLE", "LRO", "RLO", "PDF"),
            *("LRI", "RLI", "FSI", "PDI"),
        )
    shown(text).encode("utf-8")


def test_a_long_text_is_cut_to_what_fits():
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
