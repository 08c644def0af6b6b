"""One table writes its numbers in one way: `1.234` beside `5,50` is more than a thousand. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.init.columns.column import Column

_COMMA, _SIGNS = ",", ",."


def agree(columns: Sequence[Column], delimiter: str = ",") -> None:
    """Has columns whose cells read in two ways follow those whose cells read in one.

    Only a decimal comma needs it: without, what is the most usual is meant. Where no column tells,
    `512.000` is more than a thousand if it is euros, if `;` stands between the cells, as where
    people write decimal commas, or if all such numbers end in two zeros.
    """
    sure = {decimal for column in columns if (decimal := _decimal(column))}
    for column in columns:
        has_signs = any(sign in value for value in column.values for sign in _SIGNS)
        if has_signs and (sure == {_COMMA} or (not sure and _are_thousands(column, delimiter))):
            column.prefer(_COMMA)


def read_in_two_ways(column: Column) -> str | None:
    """A cell such as `512.000` of a column whose cells may all be thousands, or all fractions."""
    decimals = {notation.decimal for notation in column.notations or ()}
    if len(decimals) < 2 or not column.is_number:
        return None
    return next((value for value in column.values if "." in value), None)


def _are_thousands(column: Column, delimiter: str) -> bool:
    if read_in_two_ways(column) is None:
        return False
    plain = [column.notation.plain(value) for value in column.values if "." in value]
    are_round = len(plain) > 1 and all(number.endswith("00") for number in plain)
    has_euros = any(notation.unit == "€" for notation in column.notations or ())
    return delimiter == ";" or has_euros or are_round


def _decimal(column: Column) -> str | None:
    """What stands before fractions in whatever way the cells are read; None where it may be two
    signs."""
    decimals = {notation.decimal for notation in column.notations or ()}
    return decimals.pop() if len(decimals) == 1 else None
