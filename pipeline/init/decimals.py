"""One table writes its numbers in one way: `1.234` beside `5,50` is more than a thousand. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.init.column import Column

_COMMA, _SIGNS = ",", ",."


def agree(columns: Sequence[Column]) -> None:
    """Has columns whose cells read in two ways follow those whose cells read in one.

    Only a decimal comma needs it: without, what is the most usual is meant.
    """
    sure = {decimal for column in columns if (decimal := _decimal(column))}
    if sure != {_COMMA}:
        return
    for column in columns:
        if any(sign in value for value in column.values for sign in _SIGNS):
            column.prefer(_COMMA)


def _decimal(column: Column) -> str | None:
    """What stands before fractions in whatever way the cells are read; None where it may be two
    signs."""
    decimals = {notation.decimal for notation in column.notations or ()}
    return decimals.pop() if len(decimals) == 1 else None
