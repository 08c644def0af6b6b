"""Cells of a table, as formats give them, on their way to values: text, numbers or bytes."""

from __future__ import annotations

import datetime
import decimal
import re
from typing import Any

from documents.cells.nothing import NOTHING as NOTHING

Cell = Any
"""str from a table of text; int, float, bool, Decimal, list, date or time from one with types;
bytes of a file; None where there is nothing."""

UNSEEN = b"a word that nobody has seen"
"""Of no vocabulary."""
LONGEST = 1 << 20
"""Bytes of a text; no cell of a table means to be longer."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_OR_LINE = re.compile("[\x00-\x1f\x7f]")
_LINE = re.compile("[\n\r]")
_SHOWN = 40


class CellError(ValueError):
    """Why a cell holds no value of its kind: the end of a sentence about it, such as `holds 'x',
    which is no number`."""

    def __init__(self, problem: str, mend: str = ""):
        """`mend`: what the settings might say, behind the sentence; for whoever writes them."""
        super().__init__(problem, mend)
        self.problem = problem

    def __str__(self) -> str:
        return "".join(map(str, self.args))


def text_of(cell: Cell, *, lines: bool = False) -> str:
    """The text in a cell; a typed number or truth as every format would write it.

    Args:
      lines: whether it may go over several lines and hold tabs.

    Raises:
      CellError: it is no text, not UTF-8, longer than LONGEST, or holds control characters.
    """
    if isinstance(cell, bytes):
        try:
            cell = cell.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CellError(f"is not UTF-8 text (byte {error.start})") from error
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        # A column of whole numbers becomes one of floats in a span where one is missing.
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.timedelta):
        return text_of(cell.total_seconds())
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    if isinstance(cell, decimal.Decimal) and cell.is_finite():
        return f"{cell.normalize():f}"
    if not isinstance(cell, str):
        raise CellError(f"holds a {type(cell).__name__}, which is no text")
    found = (_CONTROL if lines else _CONTROL_OR_LINE).search(cell)
    if found:
        raise CellError(f"holds the control character {found[0]!r} in {shown(cell)}")
    if len(cell) > LONGEST:
        raise CellError(f"is longer than {LONGEST >> 20} MiB")
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CellError(f"holds half a character in {shown(cell)}") from error
    return cell


def name_of(cell: str) -> str:
    """A cell of a header as the name of a column: questions over several lines stand on one."""
    return " ".join(cell.split()) if _LINE.search(cell) else cell.strip()


def shown(cell: Cell) -> str:
    """A cell as a message quotes it: bounded, with escapes."""
    text = repr(cell)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
