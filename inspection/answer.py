"""What all answers have in common: they are tables, to pandas and to notebooks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from inspection.reply import clean, plain

if TYPE_CHECKING:
    import pandas

MOST_SHOWN = 50
"""Rows in a notebook; `to_pandas` has all."""


class Answer:
    """A dataclass whose evidence is the field that ROWS names; without one it is a single row."""

    ROWS: ClassVar[str | None] = None

    def rows(self) -> Iterable[dict[str, Any]]:
        """The evidence, one dict a row, with the same keys in each."""
        assert dataclasses.is_dataclass(self)
        found = [self] if self.ROWS is None else getattr(self, self.ROWS)
        return [_row(each) for each in found]

    def to_pandas(self) -> pandas.DataFrame:
        """The evidence as a table; empty where there is none."""
        import pandas

        return pandas.DataFrame(list(self.rows()))

    def _repr_html_(self) -> str:
        """As notebooks show it: the answer, and the first rows of the evidence."""
        rows = list(self.rows())
        shown = _html(rows[:MOST_SHOWN])
        more = f"<p>and {len(rows) - MOST_SHOWN} more</p>" if len(rows) > MOST_SHOWN else ""
        headline = getattr(self, "headline", "")
        return f"<p><strong>{escape(clean(headline))}</strong></p>{shown}{more}"


def _row(record: Any) -> dict[str, Any]:
    """The fields of a dataclass; those that hold more than a value as JSON has them."""
    values = {each.name: getattr(record, each.name) for each in dataclasses.fields(record)}
    return {name: _cell(value) for name, value in values.items()}


def _cell(value: Any) -> Any:
    nested = dataclasses.is_dataclass(value) or isinstance(value, (tuple, list, dict))
    return plain(value) if nested else value


def _html(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(value)}</td>" for value in row.values()) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _text(value: Any) -> str:
    return "" if value is None else escape(clean(str(value)))
