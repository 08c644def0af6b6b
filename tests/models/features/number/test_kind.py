from __future__ import annotations

import datetime
import decimal
import math

import numpy as np
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from models.features.number.kind import Number

NUMBER = Number(kind="number")
floats32 = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(floats32)
def test_every_float_reads_back_however_it_is_written(number: float) -> None:
    for text in (repr(number), f"{number:.9e}", f" {number:.9e}\t"):
        assert np.float32(NUMBER.value(text)) == np.float32(number)
    assert NUMBER.value(number) == number
    assert NUMBER.value(repr(number).encode()) == number


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_whole_numbers_that_a_float_tells_apart_are_numbers(number: int) -> None:
    assert NUMBER.value(str(number)) == NUMBER.value(number) == number


@pytest.mark.parametrize("text", ["1", "+1", "1.", "1.0", "1e0", "01.0"[1:], "1E+0", "0.1e1"])
def test_every_way_to_write_one(text: str) -> None:
    assert NUMBER.value(text) == 1.0


@pytest.mark.parametrize(
    "cell", ["", " ", "NA", "na", "N/A", "NaN", "null", "None", None, math.nan]
)
def test_missing(cell: object) -> None:
    assert NUMBER.value(cell) is None


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12a", "which is no number"),
        ("1,234", "declare thousands: ',' if it is one"),
        ("1 234.5", "declare thousands: ' ' if it is one"),
        ("3,5", "declare decimal: ',' if it is one"),
        ("1.234,5", "declare decimal: ',', thousands: '.' if it is one"),
        ("1_000", "which is no number"),
        ("0x10", "which is no number"),
        ("inf", "which is no number"),
        ("-Infinity", "which is no number"),
        (math.inf, "more than float32"),
        (".", "which is no number; declare missing: ['.'] if it stands for nothing"),
        ("k.A.", "declare missing: ['k.A.'] if it stands for nothing"),
        ("e5", "which is no number"),
        ("1e", "which is no number"),
        ("--1", "which is no number"),
        ("$5", "declare unit: '$' if it is one"),
        ("12%", "declare unit: '%' if it is one"),
        ("\u2460\u2461", "which is no number"),
        ("00501", "make the column a category"),
        ("-007", "make the column a category"),
        ("12345678901234567890", "make the column a category"),
        (12345678901234567890, "make the column a category"),
        ("1e39", "more than float32"),
        ("5\x1b[31m", "which is no number"),
        (["1"], "a list, which is no number"),
    ],
)
def test_what_is_no_number_has_a_reason(cell: object, reason: str) -> None:
    with pytest.raises(CellError) as raised:
        NUMBER.value(cell)
    assert reason in str(raised.value)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (decimal.Decimal("12.30"), 12.3),
        (decimal.Decimal("-7"), -7.0),
        (decimal.Decimal("NaN"), None),
        (datetime.timedelta(minutes=1, milliseconds=500), 60.5),
        *[(text, None) for text in ("#N/A", "#DIV/0!", "-", "?", "<NA>", "\\N", "n.a.")],
    ],
)
def test_typed_cells_and_what_spreadsheets_write(cell: object, number: float | None) -> None:
    assert NUMBER.value(cell) == number


def test_a_decimal_of_more_digits_than_a_number_keeps_is_refused() -> None:
    with pytest.raises(CellError, match="make the column a category"):
        NUMBER.value(decimal.Decimal(2**60))


def read(text: str) -> tuple[float | None, str]:
    try:
        return NUMBER.value(text), ""
    except CellError as error:
        return None, str(error)


@given(st.text())
def test_any_text_is_a_finite_number_missing_or_refused_shortly(text: str) -> None:
    value, reason = read(text)
    assert len(reason) < 200
    assert value is None or math.isfinite(value)


def test_limits_have_an_order() -> None:
    with pytest.raises(pydantic.ValidationError, match="min = 2 is greater than max = 1"):
        Number(kind="number", min=2.0, max=1.0)
