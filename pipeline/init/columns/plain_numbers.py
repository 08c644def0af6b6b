"""Cells that are numbers as Python writes them, told many at once: most cells of large tables are,
and asking of each in how many ways it may be read takes minutes there. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cached_property

from documents.cells.cell import NOTHING, Cell
from documents.cells.numbers import LARGEST
from pipeline.init.columns.nearly import WHOLE

_SIGNS = b"0123456789+-.eE\n"
_CODE = re.compile(rb"\n[+-]?0\d")


class PlainNumbers:
    """Numbers in every notation without a decimal comma, none of which is a code such as 00501."""

    def __init__(self, texts: Sequence[str], values: Sequence[float], *, have_points: bool):
        self.texts = texts
        self.have_points = have_points
        """Whether a point stands in one, so that a notation with a decimal comma reads another
        number, or none."""
        self.least, self.greatest = min(values), max(values)

    @cached_property
    def digits(self) -> int | None:
        """Of the longest, where all are whole; None where one is not."""
        longest = 0
        for text in self.texts:
            whole = WHOLE.fullmatch(text)
            if whole is None:
                return None
            longest = max(longest, len(whole[1]))
        return longest


def plain_numbers(cells: Sequence[Cell]) -> PlainNumbers | None:
    """The cells that are not missing, if each is such a number and float32 holds it, and there is
    one; else None.

    Args:
      cells: texts, or floats and whole numbers; of other types, and several, nothing is told.
    """
    types = {*map(type, cells)}
    if types == {str}:
        texts = [text for text in map(str.strip, cells) if text]
        return _told(texts) or _told([of for of in texts if of.lower() not in NOTHING])
    if types - {type(None)} == {int}:
        return _told([str(cell) for cell in cells if cell is not None])
    if types - {type(None)} == {float}:
        present = [cell for cell in cells if cell is not None and not math.isnan(cell)]
        return _told([str(int(of)) if of.is_integer() else repr(of) for of in present])
    return None


def _told(texts: Sequence[str]) -> PlainNumbers | None:
    # Signs of all cells at once: a look at each would take longer than all the rest.
    joined = "\n".join(("", *texts)).encode("utf-8", "replace")
    if not texts or joined.translate(None, _SIGNS) or _CODE.search(joined):
        return None
    try:
        found = PlainNumbers(texts, [*map(float, texts)], have_points=b"." in joined)
    except ValueError:
        return None
    return found if found.least >= -LARGEST and found.greatest <= LARGEST else None
