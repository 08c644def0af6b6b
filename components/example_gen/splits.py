"""Which split a row falls into: by its content, a column, a group or a time; never by file order.

What is equal falls into one split, in every run and on every machine, however many rows come
later; so an evaluation never asks for what was learned by heart. Pure.
"""

from __future__ import annotations

import bisect
import hashlib
import itertools
from collections.abc import Callable, Sequence
from typing import Literal

import pydantic

from components.example_gen.shards import EVAL, TRAIN
from documents.cells.cell import Cell, CellError, shown, text_of
from documents.cells.texts import without_fraction
from documents.settings.section import Section
from models.features.date.kind import Date

TEST = "test"
SPLITS = (TRAIN, EVAL, TEST)

_CALLED = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("eval", "evaluation", "val", "valid", "validation", "dev"), EVAL),
    **dict.fromkeys(("test", "testing"), TEST),
}
"""What a split may be called in a column or a folder, in lower case."""

Choice = Callable[[bytes, Cell], str]
"""From the encoded features of a row and the cell of `SplitOptions.column` to a split. Raises
CellError where the cell names none."""


class SplitOptions(Section):
    """How rows are shared out."""

    train: int = pydantic.Field(8, ge=1, le=1_000_000)
    """Parts of the whole, for `content` and `group`."""
    eval: int = pydantic.Field(1, ge=1, le=1_000_000)
    test: int = pydantic.Field(1, ge=0, le=1_000_000)
    by: Literal["content", "group", "column", "time"] = "content"
    """content: equal features go together; group: rows with the same cell in `column`; column: it
    names the split; time: it holds a date."""
    column: str | None = pydantic.Field(None, min_length=1, max_length=200)
    before: str | None = pydantic.Field(None, min_length=1, max_length=20)
    """For `group`: only what stands before this in the cell, as in `patient_visit`."""
    eval_from: str | None = None
    """For `time`: what is older becomes train. In ISO 8601."""
    test_from: str | None = None
    """For `time`: from here on it becomes test; None makes no such split."""
    eval_from_train: bool = False
    """For `column`: whether rows of train are shared out between train and eval, by content."""
    format: str | None = None
    """For `time`: of the dates in `column`, as the kind `date` has it; None for ISO 8601."""

    @pydantic.field_validator("eval_from", "test_from")
    @classmethod
    def _is_a_date(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                Date(kind="date").value(text)
            except CellError as error:
                raise ValueError(f"it {error}") from error
        return text

    @pydantic.model_validator(mode="after")
    def _fits_together(self) -> SplitOptions:
        if (self.by == "content") != (self.column is None):
            raise ValueError(
                "by: content needs no column" if self.column else f"by: {self.by} needs column"
            )
        if (self.by == "time") != (self.eval_from is not None):
            raise ValueError(
                "eval_from is for by: time"
                if self.eval_from
                else "by: time needs eval_from, the first date of split eval"
            )
        if self.by != "time" and (self.test_from or self.format):
            raise ValueError("test_from and format are for by: time")
        if self.by != "group" and self.before:
            raise ValueError("before is for by: group")
        if self.by != "column" and self.eval_from_train:
            raise ValueError("eval_from_train is for by: column")
        if self.by == "time" and self.test_from:
            first, last = self.limits
            if last <= first:
                raise ValueError("test_from must be later than eval_from")
        return self

    @property
    def limits(self) -> Sequence[bytes]:
        """The first moments of the splits after train, as examples hold moments."""
        read = Date(kind="date").value
        texts = (self.eval_from, self.test_from)
        return [moment for text in texts if text and (moment := read(text))]

    def chooser(self) -> Choice:
        """The function that chooses."""
        return _CHOOSERS[self.by](self)


def split_called(name: str) -> str | None:
    """The split that people mean by a name; None for another word."""
    return _CALLED.get(name.strip().lower())


def _by_hash(*parts: int) -> Callable[[bytes], str]:
    limits = list(itertools.accumulate(parts))
    total = limits[-1]

    def choose(content: bytes) -> str:
        digest = hashlib.blake2b(content, digest_size=8).digest()
        return SPLITS[bisect.bisect_right(limits, int.from_bytes(digest, "big") * total >> 64)]

    return choose


def _by_content(options: SplitOptions) -> Choice:
    choose = _by_hash(options.train, options.eval, options.test)
    return lambda content, cell: choose(content)


def _by_group(options: SplitOptions) -> Choice:
    choose = _by_hash(options.train, options.eval, options.test)
    known: dict[str, str] = {}

    def choose_group(content: bytes, cell: Cell) -> str:
        name = "" if cell is None or cell != cell else text_of(cell, lines=True).strip()
        if options.before:
            name = name.partition(options.before)[0].strip()
        # One file of several writes 1.0 for 1 if it lacks the number of some row.
        name = without_fraction(name)
        if name not in known:
            if not name:
                raise CellError("is empty, so the row belongs to no group")
            if len(known) > 100_000:
                known.clear()
            known[name] = choose(name.encode())
        return known[name]

    return choose_group


def _by_column(options: SplitOptions) -> Choice:
    share = _by_hash(options.train, options.eval)

    def choose(content: bytes, cell: Cell) -> str:
        split = None if cell is None else split_called(text_of(cell))
        if split is None:
            raise CellError(f"holds {shown(cell)}, which names no split (train, eval or test)")
        return share(content) if split == TRAIN and options.eval_from_train else split

    return choose


def _by_time(options: SplitOptions) -> Choice:
    dates, limits = Date(kind="date", format=options.format), options.limits

    def choose(content: bytes, cell: Cell) -> str:
        moment = dates.value(cell)
        if moment is None:
            raise CellError("holds no date, so the row has no place in time")
        return SPLITS[bisect.bisect_right(limits, moment)]

    return choose


_CHOOSERS: dict[str, Callable[[SplitOptions], Choice]] = {
    "content": _by_content,
    "group": _by_group,
    "column": _by_column,
    "time": _by_time,
}
