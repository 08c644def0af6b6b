"""Tables as init looks at them."""

from __future__ import annotations

import dataclasses

from pipeline.init.columns.column import Column
from pipeline.init.tables.report import TableReport


def column(name: str, *cells: object) -> Column:
    made = Column(name)
    made.add(cells)
    return made


def table(*columns: Column, **fields) -> TableReport:
    plain = TableReport(
        format="csv",
        csv={},
        columns=[*columns],
        bad=[],
        bad_rows=0,
        duplicates=0,
        contradictions=0,
        leaks={},
        new={},
    )
    return dataclasses.replace(plain, **fields)


def said(of: str, lines: list[str]) -> list[str]:
    """What stands behind a word in front."""
    return [line[15:] for line in lines if line[:15].rstrip() == of]
