"""What a model is asked about is read as what it learned from."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells import asked
from documents.cells.cell import CellError
from documents.features import Feature, Features, Seen
from models.declaration import Declaration
from models.description import describe

OPTIONS: dict[str, dict[str, Any]] = {
    "price": {"kind": "number", "decimal": ",", "thousands": ".", "unit": "€", "missing": [-999.0]},
    "weight": {"kind": "number", "missing": ["not weighed"]},
    "day": {"kind": "date", "format": "%d.%m.%Y", "missing": ["00.00.0000"]},
    "at": {"kind": "time", "missing": ["closed"]},
    "leaves": {"kind": "time", "format": "hhmm"},
    "town": {"kind": "category"},
    "zone": {"kind": "category", "whole": True},
    "vip": {"kind": "category", "boolean": True},
    "remark": {"kind": "text"},
}
DECLARATION = Declaration.model_validate(
    {"features": OPTIONS, "label": {"name": "y", "kind": "number"}}
)
FEATURES = {
    of.name: of for of in Features.model_validate_json(describe(DECLARATION).encode()).features
}


@pytest.mark.parametrize(
    ("name", "cell", "sent"),
    [
        ("price", "1.234,5 €", 1234.5),
        ("price", "-999,00", None),
        ("price", -999, None),
        ("price", 1.5, 1.5),
        ("price", "#N/A", None),
        ("weight", "Not weighed", None),
        ("day", "25.11.2026", "2026-11-25T00:00:00"),
        ("day", "00.00.0000", None),
        ("day", "2026-11-25T13:45", "2026-11-25T13:45:00"),
        ("day", "NA", None),
        ("at", "2:30 pm", "14:30:00"),
        ("at", "closed", None),
        ("leaves", "517", "05:17:00"),
        ("leaves", 1345.0, "13:45:00"),
        ("leaves", "5:17", "05:17:00"),
        ("town", " NA ", "NA"),
        ("town", 5.0, "5"),
        ("zone", "1.0", "1"),
        ("zone", 1.0, "1"),
        ("zone", " -2.00 ", "-2"),
        ("zone", "1.5", "1.5"),
        ("zone", "x.0", "x.0"),
        ("vip", True, "true"),
        ("vip", "FALSE", "false"),
        ("vip", 1.0, "true"),
        ("vip", "N/A", None),
        ("remark", ["red", None, 5], "red 5"),
    ],
)
def test_cells_are_read_as_the_settings_say(name: str, cell: object, sent: object) -> None:
    read = asked.reader(FEATURES[name])
    assert read
    assert read(cell) == sent


@given(
    st.sampled_from([*OPTIONS]),
    st.text()
    | st.sampled_from(["1.234,5", "-999", "1.5", "14:30", "01.02.2003", "€ 5", "nan", "True"]),
)
def test_whatever_ingestion_reads_is_sent_as_examples_hold_it(name: str, cell: str) -> None:
    try:
        held = DECLARATION.used[name].value(cell)
    except CellError:
        return  # Where a row is left out, a request may be refused, or be an ISO date.
    read = asked.reader(FEATURES[name])
    assert read
    assert read(cell) == (held.decode() if isinstance(held, bytes) else held)


@pytest.mark.parametrize("truth", [True, "True", "true", "TRUE", " true "])
@pytest.mark.parametrize("learned", ["True", "true", "TRUE"])
def test_a_truth_is_asked_about_as_the_column_wrote_it(learned: str, truth: object) -> None:
    seen = Seen(values=(learned, "maybe"))
    for make in (asked.reader, asked.reader_of_form):
        read = make(Feature(name="verified", kind="category", seen=seen))
        assert read
        assert read(truth) == learned
        assert read("Maybe") == "Maybe"
        assert read("") is None


def test_truths_that_were_told_apart_are_left_as_they_are() -> None:
    feature = Feature(name="verified", kind="category", seen=Seen(values=("True", "true")))
    read = asked.reader(feature)
    assert read
    assert [read("True"), read("true"), read("TRUE")] == ["True", "true", "TRUE"]


def test_what_is_no_duration_is_told_without_a_setting_that_no_duration_has() -> None:
    feature = Feature(name="took", kind="number", options={"duration": "hours"})
    read = asked.reader(feature)
    assert read
    with pytest.raises(CellError, match=r"^holds '4800', which is no duration such as 1h 20m or"):
        read("4800")


def test_another_date_than_iso_8601_reads_is_never_guessed() -> None:
    swapped = Feature(name="day", kind="date", options={"format": "%Y-%d-%m"})
    read = asked.reader(swapped)
    assert read
    assert read("2026-04-03") == "2026-03-04T00:00:00"
    with pytest.raises(CellError, match="no date in the format"):
        read("2026-03-14")


def test_a_form_shows_numbers_plainly_and_takes_them_as_the_table_has_them() -> None:
    read = asked.reader_of_form(FEATURES["price"])
    assert read
    assert read("1.234") == pytest.approx(1.234)
    assert read("1.234,5 €") == pytest.approx(1234.5)
    day = asked.reader_of_form(FEATURES["day"])
    assert day
    assert day("2026-11-25") == day("25.11.2026") == datetime.datetime(2026, 11, 25).isoformat()


def test_what_is_not_known_is_left_to_others() -> None:
    assert asked.reader(Feature(name="wind", kind="angle")) is None
    assert asked.reader(Feature(name="x", kind="number", options={"decimal": ["?"]})) is None
    assert asked.sample(FEATURES["price"]) == "1.234,5"
    assert asked.sample(FEATURES["day"]) is None
