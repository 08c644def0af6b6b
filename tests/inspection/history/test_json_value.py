"""JSON in properties."""

from __future__ import annotations

import pytest

from inspection.history.json_value import json_object


@pytest.mark.parametrize(
    "value", [None, 7, "", "seven", "7", "[1]", "null", '{"a": 1', "[" * 100_000, '"{}"']
)
def test_what_is_no_object_is_empty(value: object) -> None:
    assert json_object(value) == {}


def test_an_object_is_read_as_it_is() -> None:
    assert json_object('{"a": {"b": [1, NaN]}}').keys() == {"a"}
    assert json_object('{"a": {"b": [1, 2.5, null]}}') == {"a": {"b": [1, 2.5, None]}}
