"""Objects within a row: each of their parts is a column, such as `user.address.city`. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

DEEPEST = 20
"""Objects in objects; what lies deeper is no column."""


def names(row: Mapping[str, Any], whole: Collection[str], deep: int = 0) -> Iterator[str]:
    """The columns of a row.

    Args:
      whole: names that are columns though their cells are objects.
    """
    for name, cell in row.items():
        if isinstance(cell, dict) and cell and name not in whole and deep < DEEPEST:
            within = [of[len(name) + 1 :] for of in whole if of.startswith(f"{name}.")]
            yield from (f"{name}.{part}" for part in names(cell, within, deep + 1))
        else:
            yield name


def cell_of(row: Mapping[str, Any], name: str) -> Any:
    """The cell of a column; None where there is none."""
    if name in row:
        return row[name]
    at = name.find(".")
    while at >= 0:
        inner = row.get(name[:at])
        if isinstance(inner, dict) and (found := cell_of(inner, name[at + 1 :])) is not None:
            return found
        at = name.find(".", at + 1)
    return None
