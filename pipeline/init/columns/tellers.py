"""Columns that tell the label, alone or together, in a sample of the rows. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pipeline.init.columns import leaks, sums
from pipeline.init.columns.column import Column

Sample = Mapping[str, Sequence[Any]]
"""Cells by column: texts, or None where one is missing; of the label as the format has them."""


def alone(columns: Sequence[Column], sample: Sample, *, has_classes: bool) -> dict[str, float]:
    """How well each column tells the label that does so as good as alone.

    Args:
      columns: the label last.
    """
    *features, label = columns
    answers = [label.answer(cell) for cell in sample[label.name]]
    told = leaks.strength if has_classes else _of_number(label)
    least = leaks.LEAK if has_classes else leaks.LEAK_OF_NUMBER
    if not has_classes:
        notation = label.label_notation
        answers = [of if of and notation and notation.reads(of) else None for of in answers]
    labelled = {place: answer for place, answer in enumerate(answers) if answer is not None}
    found = {}
    for column in features:
        if column.images is not None:
            continue
        cells = [sample[column.name][place] for place in labelled]
        is_number = column.is_number and column.filled > 0
        if is_number:
            cells = [None if cell is None else column.notation.plain(cell) for cell in cells]
        share = told(cells, [*labelled.values()], is_number=is_number)
        if share >= least:
            found[column.name] = share
    return found


def together(columns: Sequence[Column], sample: Sample, ignored: Collection[str]) -> Sequence[str]:
    """The columns of numbers that a label is made of which is one, too.

    Args:
      columns: the label last.
      ignored: those that nothing is learned of anyway.
    """
    *features, label = columns
    notation = label.label_notation
    answers = [label.answer(cell) for cell in sample[label.name]]
    if notation is None:
        return ()
    told = (
        (place, float(notation.plain(of)))
        for place, of in enumerate(answers)
        if of is not None and notation.reads(of)
    )
    labelled = dict(itertools.islice(told, sums.ROWS))
    numbers = {
        of.name: [_float(of, sample[of.name][place]) for place in labelled]
        for of in features
        if of.is_number and of.proposal[0]["kind"] == "number" and of.name not in ignored
    }
    return sums.parts_of(numbers, [*labelled.values()])


def _float(column: Column, cell: str | None) -> float:
    return math.nan if cell is None else float(column.notation.plain(cell))


def _of_number(label: Column) -> Callable[..., float]:
    """The strength of a column by texts that are numbers as the label writes them."""
    notation = label.label_notation or label.notation

    def strength(cells: Sequence[str | None], texts: Sequence[str], *, is_number: bool) -> float:
        numbers = [float(notation.plain(text)) for text in texts]
        return leaks.strength_of_number(cells, numbers, is_number=is_number)

    return strength
