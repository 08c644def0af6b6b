"""Times of day: how they are read, and what the graph makes of what is served."""

from __future__ import annotations

import datetime

import numpy as np
import pydantic
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from models.features.time.kind import Time
from models.features.time.transform import transform

TIME = Time(kind="time")


@given(st.times().map(lambda time: time.replace(microsecond=0)))
def test_times_read_back(time: datetime.time) -> None:
    wanted = time.isoformat().encode()
    assert TIME.value(time) == wanted
    assert TIME.value(f" {time.isoformat()} ") == wanted
    assert TIME.value(f"{time.isoformat()}.250") == wanted
    assert TIME.value(time.strftime("%I:%M:%S %p")) == wanted
    assert TIME.value(time.strftime("%H:%M")) == time.strftime("%H:%M:00").encode()


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("14:30", b"14:30:00"),
        ("7:05", b"07:05:00"),
        ("07:05:12", b"07:05:12"),
        ("12:00 am", b"00:00:00"),
        ("12:15 p.m.", b"12:15:00"),
        ("2:30PM", b"14:30:00"),
        ("24:00", b"00:00:00"),
        ("14:30 Uhr", b"14:30:00"),
        (b"14:30", b"14:30:00"),
        ("", None),
        ("NA", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_a_clock_is_read_as_people_write_it(cell: object, value: bytes | None) -> None:
    assert TIME.value(cell) == value


@pytest.mark.parametrize(
    "cell",
    ["24:01", "12:60", "25:00", "13:00 pm", "0:30 am", "noon", "12", 12, "1:2", "2024-01-01"],
)
def test_what_is_no_time_has_a_reason(cell: object) -> None:
    with pytest.raises(CellError, match="no time of day such as 14:30"):
        TIME.value(cell)


def test_what_is_missing_is_told_by_the_settings() -> None:
    assert Time(kind="time", missing=("closed",)).value("Closed") is None
    with pytest.raises(pydantic.ValidationError, match="no time of day"):
        Time(kind="time", default="noon")
    assert Time(kind="time", default="9:00").default == "09:00:00"


def parts(texts: list[bytes]) -> tuple[dict[str, np.ndarray], list[bytes]]:
    found = transform(TIME, "at", tf.constant(texts, tf.string, [len(texts)]))
    return {name: of.numpy() for name, of in found.numbers.items()}, [
        *found.words["at (hour)"].numpy()
    ]


def test_midnight_is_near_midnight_and_noon_is_far() -> None:
    numbers, hours = parts([b"23:59:00", b"00:01", b"12:00", b"6:00", b""])
    places = np.stack([numbers["at (from noon)"], numbers["at (from six)"]], axis=1)
    assert np.linalg.norm(places[0] - places[1]) < 0.01
    assert np.linalg.norm(places[1] - places[2]) > 0.99
    np.testing.assert_allclose(numbers["at"][2:4], [0.5, 0.25])
    assert hours == [b"23", b"0", b"12", b"6", b""]
    assert all(np.isnan(of[4]) and np.isfinite(of[:4]).all() for of in numbers.values())


def test_what_is_served_may_be_written_shortly_and_no_otherwise() -> None:
    for value in (b"00:00:00", b"07:05:12", b"23:59:59"):
        found = [value, *TIME.variants(value), *filter(None, TIME.edges().values())]
        numbers, _ = parts([bytes(of) for of in found])
        assert np.isfinite(numbers["at"]).all()
        assert len(set(found)) > 8


@pytest.mark.medium
@pytest.mark.parametrize("value", TIME.illegal().values())
def test_what_is_no_time_is_refused_by_the_graph(value: bytes) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="no time of day"):
        parts([value])


def test_what_is_usual_is_told() -> None:
    seen = TIME.seen([b"07:00:00", b"09:30:00"])
    assert seen
    assert (seen.low, seen.high, seen.whole) == ("07:00:00", "09:30:00", True)
    assert TIME.seen([]) is None


def test_a_time_for_missing_is_meant_however_it_is_written_and_whoever_sends_it() -> None:
    time = Time(kind="time", missing=("closed", "0:00", "99:99"))
    for cell in ("closed", "0:00", "00:00:00", "24:00", "12:00 am", datetime.time(), b"00:00"):
        assert time.value(cell) is None, cell
    assert time.value("00:01") == b"00:01:00"
    assert b"00:00:00" in time.edges().values()
    found = transform(time, "at", tf.constant(["00:00", "0:00", "00:00:00", "00:01", ""]))
    missing = [True, True, True, False, True]
    assert all(np.isnan(of).tolist() == missing for of in found.numbers.values())
    assert [of == b"" for of in found.words["at (hour)"].numpy()] == missing
    # Where only 24:00 stands for nothing, midnight is a time.
    assert Time(kind="time", missing=("24:00",)).value("24:00") is None
    assert Time(kind="time", missing=("24:00",)).value("00:00") == b"00:00:00"
