"""Columns of one table agree on what stands before fractions."""

from __future__ import annotations

import pytest

from pipeline.init.columns.column import Column
from pipeline.init.columns.decimals import agree, read_in_two_ways


def column(*cells: str) -> Column:
    made = Column("amount")
    made.add(cells)
    return made


@pytest.mark.parametrize(
    ("cells", "settings"),
    [
        (("999", "1.234", "12.500"), {"decimal": ",", "thousands": "."}),
        (("1,234", "0,875"), {"decimal": ","}),
        (("1,234", "2,875"), {"decimal": ","}),
        (("999 €", "1.234 €"), {"decimal": ",", "thousands": ".", "unit": "€"}),
        (("5", "7"), {}),
    ],
)
def test_cells_that_read_in_two_ways_follow_those_that_read_in_one(
    cells: tuple[str, ...], settings: dict[str, str]
) -> None:
    told, other = column("85,20", "7"), column(*cells)
    agree([other, told])
    assert other.proposal[0] == {"kind": "number", **settings}
    assert told.proposal[0] == {"kind": "number", "decimal": ","}


def test_what_was_counted_is_counted_anew() -> None:
    other = column("999", "1.234", "12.500")
    assert (other.greatest, other.is_whole) == (999, False)
    agree([column("85,20"), other])
    assert (other.least, other.greatest, other.is_whole) == (999, 12_500, True)


@pytest.mark.parametrize("others", [[], [("5", "7")], [("85.20",)], [("85,20",), ("85.20",)]])
def test_without_a_sure_comma_the_most_usual_is_meant(others: list[tuple[str, ...]]) -> None:
    asked = column("999", "1.234")
    agree([asked, *(column(*cells) for cells in others)])
    assert asked.proposal[0] == {"kind": "number"}


@pytest.mark.medium
def test_more_than_the_counted_values_may_be_there() -> None:
    many = column(*(f"{n // 1_000 + 1}.{n % 1_000:03d}" for n in range(11_000)))
    agree([column("85,20"), many])
    assert many.proposal[0] == {"kind": "number", "decimal": ",", "thousands": "."}


@pytest.mark.parametrize(
    ("cells", "delimiter", "settings"),
    [
        (("512.000 €", "85.250 €"), ",", {"decimal": ",", "thousands": ".", "unit": "€"}),
        (("512.000", "85.200"), ",", {"decimal": ",", "thousands": "."}),
        (("512.125", "85.250"), ";", {"decimal": ",", "thousands": "."}),
        (("512.125", "85.250"), ",", {}),
        (("512.000", "85.2"), ";", {}),
        (("0.125", "85.250"), ";", {}),
    ],
)
def test_where_no_column_tells_other_signs_do(
    cells: tuple[str, ...], delimiter: str, settings: dict[str, str]
) -> None:
    made = column(*cells, "5")
    can_be_both = read_in_two_ways(made)
    agree([made], delimiter)
    assert made.proposal[0] == {"kind": "number", **settings}
    assert can_be_both == (cells[0] if cells[0] != "0.125" and cells[1] != "85.2" else None)
