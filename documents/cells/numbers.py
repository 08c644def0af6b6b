"""From a cell to a number."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

from documents.cells.cell import Cell, CellError, shown
from documents.cells.notation import Notation
from documents.cells.nothing import NOTHING

LARGEST = 2.0**128 - 2.0**104
"""Of float32, which is what an example holds."""
EXACT = 2**53
"""Whole numbers beyond are no longer told apart."""


def number(cell: Cell, notation: Notation, *, exact: bool = True) -> float | None:
    """A finite number that float32 holds; None where it is missing, as what NOTHING holds and what
    the notation calls missing. A duration counts in seconds.

    Args:
      exact: refuse whole numbers that may be codes, as they are no longer told apart.

    Raises:
      CellError: the cell holds something else, or a code such as 00501.
    """
    if cell is None:
        return None
    if isinstance(cell, datetime.timedelta):
        cell = cell.total_seconds()
    elif isinstance(cell, decimal.Decimal):
        cell = int(cell) if _is_long(cell) else float(cell)
    if isinstance(cell, (int, float)):
        return notation.present(_bounded(cell, cell, exact))
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if not isinstance(cell, str):
        raise CellError(f"holds a {type(cell).__name__}, which is no number")
    text = cell.strip()
    if text.lower() in NOTHING or notation.says_nothing(text):
        return None
    plain = notation.plain(text)
    return notation.present(_bounded(float(plain), plain, exact))


def _is_long(number: decimal.Decimal) -> bool:
    """Whether it is a whole number that floats may not tell from its neighbours."""
    return number.is_finite() and abs(number) >= EXACT and number == number.to_integral_value()


def _bounded(number: Any, cell: Any, exact: bool) -> float | None:
    if isinstance(number, float) and math.isnan(number):
        return None
    if abs(number) > LARGEST:
        raise CellError(f"holds {shown(cell)}, which is more than float32 does")
    is_whole = isinstance(cell, int) or (isinstance(cell, str) and cell.lstrip("+-").isdigit())
    if exact and is_whole and abs(number) >= EXACT:
        raise CellError(
            f"holds {shown(cell)}, more digits than a number keeps", "; make the column a category"
        )
    return float(number)
