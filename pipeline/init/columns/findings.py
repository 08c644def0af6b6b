"""What `init` says of the cells of one column. Pure."""

from __future__ import annotations

from documents.cells.texts import without_fraction
from documents.shown import shown
from documents.terminal.counted import counted
from pipeline.init.class_findings import that_are_alike
from pipeline.init.columns.column import Column
from pipeline.init.columns.tags import tags_of

_COMPARED = 100
"""Categories of a column that are looked through for some that are one."""
_CHOICE = "which reads"
"""In why a column is one of dates, where another format reads them, too."""


def nothing_in(column: Column) -> list[str]:
    """What is taken for missing in a column of numbers, dates or times, as sentences have it."""
    return [
        f"{shown(repr(of))} in {counted(cells, 'row')} is taken for missing"
        if isinstance(of, str)
        else f"{of:g} in {counted(cells, 'row')}, far from all others, is taken for missing"
        for of, cells in column.nothing.items()
    ]


def nothing(column: Column, key: str) -> list[str]:
    """Lines about what is taken for missing; `key` is the setting that says so."""
    return [
        f"missing?       {shown(column.name)}: {said}; if it is not, take it out of {key}.missing"
        for said in nothing_in(column)
    ]


def problems(column: Column) -> list[str]:
    """What may be wrong with the cells of a feature."""
    name, (kind, why) = shown(column.name), column.proposal
    found = nothing(column, f"features.{name}") if "missing" in kind else []
    if column.no_numbers and kind["kind"] == "number":
        found.append(f"no number?     {name}: {why}")
    if column.beyond:
        found.append(
            f"too large      {name}: {column.beyond:,} of {column.filled:,} cells are more than"
            " float32 holds, so their rows are left out"
        )
    if column.controlled and kind["kind"] != "ignore":
        found.append(
            f"unreadable     {name}: {column.controlled:,} of {column.filled:,} cells hold control"
            " characters or halves of characters, so their rows are left out"
        )
    if column.scale_apart:
        found.append(f"more?          {name}: {column.scale_apart}")
    if column.clock:
        is_time = kind["kind"] == "time"
        told = "; read as times of day such as 1345: if they are none, make it number"
        found.append(f"times?         {name}{told if is_time else column.clock}")
    if kind["kind"] == "date" and _CHOICE in why:
        found.append(f"dates?         {name}: {why}")
    if not column.is_number and column.dates_apart:
        found.append(f"dates?         {name}{column.dates_apart}")
    elif kind["kind"] in ("ignore", "category", "text") and column.more_than_words in why:
        found += [f"more?          {name}{of}" for of in [column.more_than_words] if of]
    if kind["kind"] != "number" and column.no_numbers and (column.nearly_said or "") in why:
        found.append(
            f"no number?     {name}: {column.nearly_said}; if it is one of numbers, mend them"
        )
    if kind["kind"] == "category" and not column.more_than_words and (sign := tags_of(column)[1]):
        found.append(
            f"more?          {name}: several words in a cell, with {sign} between: kind text learns"
            " from each of them"
        )
    if kind["kind"] == "category" and len(column.values) <= _COMPARED:
        read = without_fraction if kind.get("whole") else str
        found += that_are_alike(dict.fromkeys(map(read, column.values)), f"{name}: ", "categories")
    return found
