"""Cells as people ask a model about them, read as the column was where the model learned."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import pydantic

from documents.cells import dates
from documents.cells.cell import Cell, CellError
from documents.cells.notation import Notation
from documents.cells.numbers import number
from documents.cells.texts import category, text, truth, whole
from documents.cells.times import Form, time_of_day
from documents.features import Feature

Reader = Callable[[Cell], float | str | None]
"""From a cell to what is sent; None where it is missing. Raises CellError."""


def plain_number(cell: Cell) -> float | None:
    """A number of which nobody says how it is written. Raises CellError."""
    return number(cell, _PLAIN)


def reader(feature: Feature) -> Reader | None:
    """How cells of a feature are read; None of a kind that is not known here, or an image."""
    make = _READERS.get(feature.kind)
    with contextlib.suppress(pydantic.ValidationError):
        read = make(feature.options) if make else None
        return _with_truths(read, feature) if read and feature.kind == "category" else read
    return None


def _with_truths(read: Reader, feature: Feature) -> Reader:
    """Reads true and false as the column wrote them where the model learned: `True` in what Python
    writes, `true` in JSON and Parquet, `TRUE` in spreadsheets."""
    values = (feature.seen.values if feature.seen else None) or ()
    spelled = {of.lower(): of for of in values if of.lower() in _TRUTHS}
    if not spelled or len(spelled) < sum(of.lower() in _TRUTHS for of in values):
        return read  # several spellings were told apart

    def as_seen(cell: Cell) -> float | str | None:
        found = read(cell)
        return spelled.get(found.lower(), found) if isinstance(found, str) else found

    return as_seen


def reader_of_form(feature: Feature) -> Reader | None:
    """As `reader`, of what a form holds: it shows numbers and dates plainly, and people may type
    them as their table has them."""
    read, make = reader(feature), _PLAINLY.get(feature.kind)
    if read is None or make is None:
        return read
    plain = make(feature.options)

    def first_plainly(cell: Cell) -> float | str | None:
        try:
            return plain(cell)
        except CellError:
            return read(cell)

    return first_plainly


def sample(feature: Feature) -> str | None:
    """A number as the column of a feature writes it; None of other kinds."""
    with contextlib.suppress(pydantic.ValidationError):
        return notation_of(feature.options).sample if feature.kind == "number" else None
    return None


_PLAIN = Notation()
_TRUTHS = frozenset({"true", "false"})


def notation_of(options: Mapping[str, Any]) -> Notation:
    """How numbers are written, as the options of a feature say. Raises ValidationError."""
    known = Notation.model_fields
    return Notation.model_validate({key: of for key, of in options.items() if key in known})


def _number(options: Mapping[str, Any]) -> Reader:
    notation = notation_of(options)
    return lambda cell: number(cell, notation)


def _date(options: Mapping[str, Any]) -> Reader:
    form, missing = options.get("format"), options.get("missing")

    def read(cell: Cell) -> str | None:
        moment = dates.asked(cell, form, missing)
        return None if moment is None else dates.written(moment)

    return read


def _time(options: Mapping[str, Any]) -> Reader:
    # What a later release writes is none of those that are known here.
    form: Form | None = "hhmm" if options.get("format") == "hhmm" else None
    missing = options.get("missing")
    return lambda cell: time_of_day(cell, missing, form)


def _plain_numbers(options: Mapping[str, Any]) -> Reader:
    notation = notation_of(options)

    def read(cell: Cell) -> float | None:
        return notation.present(plain_number(cell))

    return read


def _plain_date(options: Mapping[str, Any]) -> Reader:
    form, missing = options.get("format"), options.get("missing")

    def read(cell: Cell) -> str | None:
        moment = dates.moment(cell)
        found = None if moment is None else dates.present(moment, form, missing)
        return None if found is None else dates.written(found)

    return read


_PLAINLY: Mapping[str, Callable[[Mapping[str, Any]], Reader]] = {
    "number": _plain_numbers,
    "date": _plain_date,
}


def _category(options: Mapping[str, Any]) -> Reader:
    return truth if options.get("boolean") else whole if options.get("whole") else category


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Reader]] = {
    "category": _category,
    "date": _date,
    "number": _number,
    "text": lambda options: text,
    "time": _time,
}
