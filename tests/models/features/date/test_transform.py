"""Dates as clients send them, and what the graph makes of them."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
import tensorflow as tf

from models.features.date.kind import Date
from models.features.date.transform import transform
from models.features.parts import Parts

DATE = Date(kind="date")


def parts(texts: list[bytes], date: Date = DATE) -> Parts:
    return transform(date, "day", tf.constant(texts, tf.string, [len(texts)]))


def seconds(texts: list[bytes], date: Date = DATE) -> list[float]:
    """Since 1970, as exact as a day in float32 is; NaN where it is missing."""
    return [86_400 * float(of) for of in parts(texts, date).numbers["day"].numpy()]


def is_taken(text: str) -> bool:
    try:
        parts([text.encode()])
    except tf.errors.InvalidArgumentError:
        return False
    return True


@pytest.mark.medium
def test_every_day_of_the_calendar_is_taken_and_no_other() -> None:
    years = (1, 4, 100, 400, 1582, 1899, 1900, 1904, 1999, 2000, 2023, 2024, 2100, 9996, 9999)
    texts = [f"{y:04}-{m:02}-{d:02}" for y in years for m in range(14) for d in range(33)]
    there = {
        (datetime.date(year, 1, 1) + datetime.timedelta(days=day)).isoformat()
        for year in years
        for day in range(366 - (year % 4 > 0 or (year % 100 == 0 and year % 400 > 0)))
    }
    known = sorted(there)
    found = seconds([of.encode() for of in known])
    days = [(datetime.date.fromisoformat(of) - datetime.date(1970, 1, 1)).days for of in known]
    np.testing.assert_allclose(found, 86_400.0 * np.array(days), rtol=1e-6)
    assert len(there) > 15 * 365
    others = [*texts, *(f"0000-{month:02}-01" for month in range(1, 13))]
    assert not [of for of in others if of not in there and of[5:7] in ("02", "00") and is_taken(of)]
    assert not [of for of in ("1999-04-31", "1999-13-01", "1999-01-32") if is_taken(of)]


@pytest.mark.medium
@pytest.mark.parametrize("value", DATE.illegal().values())
def test_what_has_to_be_refused_is(value: bytes) -> None:
    assert not is_taken(value.decode())


def test_what_clients_may_write_is_taken() -> None:
    for value in (b"2024-02-29T23:59:59", b"1999-12-31T00:00:00", b"0400-01-31T12:00:00"):
        assert np.isfinite(seconds([*DATE.variants(value)])).all()


@pytest.mark.parametrize(
    ("form", "missing", "sent"),
    [
        (None, "9999-12-31", "9999-12-31"),
        (None, "9999-12-31 23:59:59.999", "9999-12-31T23:59:59"),
        ("%d.%m.%Y", "31.12.9999", "9999-12-31T00:00:00"),
        ("%d.%m.%Y", "1900-01-01", "1900-01-01 00:00"),
        ("unix", "0", "1970-01-01"),
        ("unix_ms", "-1000", "1969-12-31T23:59:59"),
    ],
)
def test_a_date_for_missing_is_missing_whoever_sends_it(form: str, missing: str, sent: str) -> None:
    date = Date(kind="date", format=form, missing=(missing, "soon"))
    found = parts([sent.encode(), b"2024-02-29", b""], date)
    for of in found.numbers.values():
        assert np.isnan(of.numpy()).tolist() == [True, False, True]
    for of in found.words.values():
        assert [word == b"" for word in of.numpy()] == [True, False, True]
    assert sent[:10].encode() in b" ".join(date.edges().values())
    assert not [*filter(str.isdigit, "".join(Date(kind="date", missing=("x",)).missing_moments))]
