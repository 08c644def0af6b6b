"""What is written as YAML is read as it was, by whoever reads settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.settings.yaml_text import yaml_text
from pipeline.yaml_values import parse

ODD = ["1e5", "-1E3", ".5e1", "1_0e2", "01", "1.0", "0x1F", "12:30", "NaN", "null", "~", "None"]
ODD += [
    "yes",
    "no",
    "on",
    "=",
    "<<",
    "- a",
    "a: b",
    "#",
    "2026-01-31",
    "",
    " ",
    "é 文 😀",
    "!a",
    "*a",
]


@pytest.mark.parametrize("text", ODD)
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    value = {"values": [text, 1e5, 7, True, None], text: {"kind": "number"}}
    assert parse(yaml_text(value).encode()) == value


printable = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)
like_numbers = st.from_regex(r"[-+]?[0-9_.]{0,4}[eE]?[-+]?[0-9]{0,3}", fullmatch=True)


@pytest.mark.medium
@given(st.lists(printable | like_numbers, max_size=8))
def test_whatever_the_texts_are(texts: list[str]) -> None:
    assert parse(yaml_text(texts).encode()) == texts


def test_what_stands_twice_is_written_twice() -> None:
    metric = {"min": 0.9}
    text = yaml_text({"a": metric, "b": metric})
    assert "&" not in text
    assert parse(text) == {"a": metric, "b": metric}
