"""By which formats a cell may be a date."""

from __future__ import annotations

import pytest

from models.features.date.kind import Date
from pipeline.init.columns.dates import possible, reads


@pytest.mark.parametrize(
    ("cell", "forms"),
    [
        ("2026-11-27", [None]),
        ("03/04/2026", ["%m/%d/%Y", "%d/%m/%Y"]),
        ("13/04/2026", ["%d/%m/%Y"]),
        ("1.2.26", ["%d.%m.%y"]),
        ("Wednesday, 30. September 2026, 20 o'clock", []),
        ("September 30, 2026, 20:15:59", ["%B %d, %Y, %H:%M:%S"]),
        ("nothing", []),
        ("1.2.3", []),
    ],
)
def test_the_most_usual_format_comes_first(cell: str, forms: list[str | None]):
    found = [kind.format for kind in possible(cell)]
    assert found[: len(forms)] == forms
    assert bool(found) == bool(forms)


@pytest.mark.parametrize("form", ["%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S"])
def test_digits_alone_are_a_date_of_a_century_that_data_are_of(form: str):
    kind = Date(kind="date", format=form)
    whole = {"%Y%m%d": "20261127", "%Y%m%d%H%M": "202611272015", "%Y%m%d%H%M%S": "20261127201559"}
    cell = whole[form]
    assert reads(kind, cell)
    assert not reads(kind, cell[:-1])
    assert not reads(kind, cell.replace("2026", "1726"))
    assert not reads(kind, f"{cell[:-2]} {cell[-1]}")
    assert kind in possible(cell)
