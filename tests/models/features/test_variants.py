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


def test_numbers_leave_out_no_decade_near_those_of_the_data_and_no_round_one() -> None:
    for value in (1.0, 13.7, 250_000.0):
        found = np.array(kind("number").variants(value), np.float64) / value
        for low in 10.0 ** np.arange(-1, 5):
            assert ((found > low / 1.2) & (found < low * 12)).any()
            assert ((found < -low / 1.2) & (found > -low * 12)).any()
    assert {10.0, 100.0, 1_000.0} <= {*kind("number").variants(3.3)}


def test_hours_in_which_clocks_are_turned_are_among_dates() -> None:
    found = kind("date").variants(b"2026-05-06T07:00:00")
    assert {b"2026-03-29T02:30", b"2026-10-25T02:30", b"2026-03-08T02:30"} <= {*found}
    assert b"2026-11-01T01:30" in found


_WORDS = {b"a", b"very", b"good", b"ride"}
DRAWN = {
    "number": (13.7, lambda value: np.isfinite(np.float32(value))),
    "category": (b"Gr\xc3\xbcn", lambda value: len(value.decode()) <= 6),
    "date": (b"2026-05-06T07:00:00", is_date),
    "text": (b"a very good ride", lambda value: {*re.findall(rb"\w+", value)} <= _WORDS),
    "time": (b"07:00:00", lambda value: re.fullmatch(rb"[012]\d(:[0-5]\d){1,2}", value)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_is_legal_and_hardly_twice_the_same(name: str) -> None:
    value, is_legal = DRAWN[name]
    random = np.random.default_rng(0)
    found = [kind(name).drawn(value, random) for _ in range(200)]
    assert all(map(is_legal, found))
    assert len({*found}) > 100


def test_texts_that_are_drawn_are_of_every_length() -> None:
    random = np.random.default_rng(0)
    lengths = np.array([len(kind("text").drawn(b"a very good ride", random)) for _ in range(200)])
    for low, high in ((1, 10), (10, 40), (40, 150), (150, 600), (600, 3_000)):
        assert ((lengths >= low) & (lengths < high)).sum() > 10
    assert kind("text").drawn(b" ", random) is None


def test_numbers_that_are_drawn_lie_close_together_near_the_data() -> None:
    random = np.random.default_rng(0)
    found = np.array([kind("number").drawn(10.0, random) for _ in range(300)])
    for low in range(5, 20, 3):
        assert ((found > low) & (found < low + 3)).any()
    assert {256.0, 32_768.0} <= {*kind("number").variants(10.0)}


def test_mistyped_categories_are_others() -> None:
    found = kind("category").variants(b"Blue")
    assert {b"lue", b"Bue", b"Bule", b"B", b"Xlue", b"Buue"} <= {*found}
    assert b"Very good" in kind("text").variants(b"very good")


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


def test_years_of_every_decade_and_every_hour_are_among_them() -> None:
    found = kind("date").variants(b"2026-03-04T12:00:00")
    decades = {int(each[:3]) for each in found}
    assert {*range(190, 211)} <= decades
    assert {each[11:13] for each in found} >= {b"%02d" % hour for hour in range(24)}
    times = kind("time").variants(b"12:34:00")
    assert {each[:2] for each in times} >= {b"%02d" % hour for hour in range(24)}
    assert any(not each.endswith(b":00") for each in times if len(each) == len(b"12:34:56"))


def test_what_stands_for_nothing_has_neighbours_that_do_not() -> None:
    declared = {
        "fare": {"kind": "number", "missing": [-999]},
        "start": {"kind": "date", "missing": ["1900-01-01"]},
        "clock": {"kind": "time", "missing": ["00:00"]},
    }
    label = {"name": "y", "kind": "number"}
    kinds = Declaration.model_validate({"features": declared, "label": label}).used
    assert {-998.75, -999.25, 999.0} <= {*kinds["fare"].variants(1.0)}
    days = {*kinds["start"].variants(b"2026-03-04T12:00:00")}
    assert {b"1900-01-01T11:30:00", b"1900-02-02T00:00:00"} <= days
    assert b"00:00:30" in kinds["clock"].variants(b"12:34:00")


def test_a_text_holds_its_words_between_every_sign_and_with_every_ending() -> None:
    found = b"\n".join(kind("text").variants(b"very good")).decode("utf-8", "replace")
    for said in ("good/very", "very_good", "good:very", "very-\ngood", "very\tgood", "very. good"):
        assert said in found
    for said in ("verys", "gooding", "veryed", "goodly", "goood"):
        assert said in found


@pytest.mark.parametrize("name", ["category", "text"])
def test_ways_of_writing_have_their_places_whatever_the_value(name: str) -> None:
    one, other = (kind(name).variants(text.encode()) for text in ("Grün & 'Co'", "x"))
    assert len(one) == len(other)


def test_what_is_no_date_has_to_be_refused() -> None:
    assert not [*filter(is_date, kind("date").illegal().values())]
    assert kind("date").illegal()
    assert not kind("number").illegal()
