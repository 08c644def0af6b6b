from __future__ import annotations

import datetime

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from models.features.date.kind import Date

DATE = Date(kind="date")
moments = st.datetimes().map(lambda moment: moment.replace(microsecond=0))


@given(moments)
def test_iso_dates_read_back(moment: datetime.datetime) -> None:
    wanted = moment.isoformat().encode()
    for text in (moment.isoformat(), moment.isoformat(" "), f"{moment.isoformat()}.123Z"):
        assert DATE.value(text) == wanted
    assert DATE.value(moment) == wanted
    assert DATE.value(moment.date().isoformat()) == f"{moment.date()}T00:00:00".encode()
    assert DATE.value(moment.date()) == f"{moment.date()}T00:00:00".encode()


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25T13:45",
        "2026-11-25 13:45:00",
        "2026-11-25T14:45:00+01:00",
        "2026-11-25T14:45:00 +0100",
        "2026-11-25T08:15:00-05:30",
        "2026-11-25T13:45:00Z",
        "2026-11-25 13:45:00 UTC",
        "2026-11-25 13:45:00 GMT",
    ],
)
def test_zones_are_turned_to_utc(text: str) -> None:
    assert DATE.value(text) == b"2026-11-25T13:45:00"


@pytest.mark.parametrize("cell", ["", "NA", "null", None, float("nan")])
def test_missing(cell: object) -> None:
    assert DATE.value(cell) is None


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d.%m.%Y", "25.11.2026"),
        ("%m/%d/%y", "11/25/26"),
        ("unix", "1795564800"),
        ("unix", 1_795_564_800),
        ("unix_ms", "1795564800250"),
        ("unix_us", 1_795_564_800_000_250),
        ("unix_ns", "1795564800000000250"),
        ("%Y%m%d", "20261125"),
        ("%Y%m%d", 20_261_125),
        ("%Y%m%d", 20_261_125.0),
        ("%d/%b/%Y:%H:%M:%S %z", "25/Nov/2026:01:00:00 +0100"),
        ("%a, %d %b %Y %H:%M:%S %Z", "Wed, 25 Nov 2026 00:00:00 GMT"),
    ],
)
def test_a_given_format(form: str, text: object) -> None:
    date = Date(kind="date", format=form)
    assert date.value(text) == b"2026-11-25T00:00:00"
    with pytest.raises(CellError):
        date.value("2026-11-25")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("25.11.2026", "declare its format, e.g. '%d.%m.%Y'$"),
        ("11/25/2026", "declare its format, e.g. '%d/%m/%Y', or '%m/%d/%Y'$"),
        ("20261125", "declare its format, e.g. '%Y%m%d'$"),
        ("1764028800", "declare its format, e.g. unix$"),
        ("25 nov 2026", "declare its format$"),
        ("2026-02-30", "does not exist"),
        ("2026-11-25T25:00", "does not exist"),
        ("0001-01-01T00:00:00+01:00", "does not exist"),
        ("today", "no date"),
        (1795564800, "format to unix"),
        ([1], "no date"),
    ],
)
def test_what_is_no_date_has_a_reason(cell: object, reason: str) -> None:
    with pytest.raises(CellError, match=reason):
        DATE.value(cell)


@pytest.mark.parametrize("cell", ["x", "1e30", "inf", "-1e300", []])
def test_what_are_no_seconds_has_a_reason(cell: object) -> None:
    with pytest.raises(CellError, match="seconds since 1970"):
        Date(kind="date", format="unix").value(cell)


def test_another_unit_of_time_is_refused_rather_than_another_millennium() -> None:
    with pytest.raises(CellError, match="no number of seconds since 1970"):
        Date(kind="date", format="unix").value(1_795_564_800_250)
    with pytest.raises(CellError, match="no number of 1/1,000 seconds since 1970"):
        Date(kind="date", format="unix_ms").value(1_795_564_800_000_000_250)


def read(date: Date, text: str) -> tuple[bytes | None, str]:
    try:
        return date.value(text), ""
    except CellError as error:
        return None, str(error)


@given(st.text())
def test_any_text_is_a_date_missing_or_refused_shortly(text: str) -> None:
    for date in (DATE, Date(kind="date", format="%d.%m.%Y"), Date(kind="date", format="unix")):
        value, reason = read(date, text)
        assert len(reason) < 200
        assert value is None or len(value) == len("2026-11-25T13:45:00")


@pytest.mark.parametrize("form", ["%d.%m.", "dates", "%H:%M", "%Y-%m-%d %Q"])
def test_a_format_has_to_hold_a_day(form: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=r"%d\.%m\.%Y"):
        Date(kind="date", format=form)


def test_a_default_has_to_be_a_date() -> None:
    assert Date(kind="date", default="2026-11-25").default == "2026-11-25T00:00:00"
    with pytest.raises(pydantic.ValidationError, match="no date"):
        Date(kind="date", default="soon")


@pytest.mark.parametrize(
    ("form", "missing", "cell"),
    [
        (None, "9999-12-31", datetime.date(9999, 12, 31)),
        (None, "9999-12-31", datetime.datetime(9999, 12, 31)),
        (None, "9999-12-31", "9999-12-31T00:00:00Z"),
        (None, "9999-12-31", " 9999-12-31 "),
        ("%d.%m.%Y", "01.01.1900", datetime.date(1900, 1, 1)),
        ("unix", "0", 0),
        ("unix", "0", 0.0),
        ("unix_ms", "-1000", "-1000.0"),
    ],
)
def test_a_date_for_missing_is_meant_however_it_is_written(
    form: str, missing: str, cell: object
) -> None:
    date = Date(kind="date", format=form, missing=("no date", missing))
    assert date.value(cell) is None
    assert date.seconds(cell) is None
    assert date.value("No date") is None
    assert date.value(datetime.datetime(1900, 1, 1, 0, 0, 1)) == b"1900-01-01T00:00:01"


@pytest.mark.parametrize("cell", [True, "1_000"])
def test_what_only_python_takes_for_a_number_is_no_moment(cell: object) -> None:
    with pytest.raises(CellError, match="no number of seconds since 1970"):
        Date(kind="date", format="unix").value(cell)
