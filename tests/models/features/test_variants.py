"""Values that are like one of the data, and yet others."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.declaration import Declaration

SERVED_DATE = re.compile(rb"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?")


def is_date(value: bytes) -> bool:
    """Whether it is written as dates are served, and a day that there is."""
    with contextlib.suppress(ValueError):
        datetime.datetime.fromisoformat(value.decode())
        return bool(SERVED_DATE.fullmatch(value))
    return False


def kind(name: str):
    declared = {"features": {"x": {"kind": name}}, "label": {"name": "y", "kind": "number"}}
    return Declaration.model_validate(declared).used["x"]


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_numbers_stay_finite_float32_of_both_signs(value: float) -> None:
    found = np.array(kind("number").variants(value), np.float64)
    assert np.isfinite(found.astype(np.float32)).all()
    assert (found < 0).any()
    assert (found > 0).any()


@pytest.mark.parametrize("name", ["category", "text"])
@given(value=st.text(min_size=1, max_size=30).map(str.encode))
def test_texts_are_written_otherwise(name: str, value: bytes) -> None:
    found = kind(name).variants(value)
    assert len(set(found) - {value}) > 6
    assert all(isinstance(each, bytes) for each in found)


@pytest.mark.parametrize("value", [b"2024-02-29T23:59:59", b"0001-01-31T00:00:00", b"1999-12-31"])
def test_dates_are_as_clients_may_write_them(value: bytes) -> None:
    found = kind("date").variants(value)
    assert all(map(is_date, found)), [*itertools.filterfalse(is_date, found)]
    assert len(set(found)) > 12
    assert any(b" " in each for each in found)


def test_what_is_no_date_has_to_be_refused() -> None:
    assert not [*filter(is_date, kind("date").illegal().values())]
    assert kind("date").illegal()
    assert not kind("number").illegal()
