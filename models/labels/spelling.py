"""Names of classes and tags that are the same and written in other bytes. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_TRUTHS = frozenset({"true", "false"})


def spelling(name: str) -> str:
    """One for all that a file may have for a name: a Mac takes `é` apart in the names of folders,
    true is `TRUE` in a spreadsheet and `True` in what Python writes, and blanks stand around it."""
    name = name.strip()
    if not name.isascii():
        return unicodedata.normalize("NFC", name)
    return lower if (lower := name.lower()) in _TRUTHS else name


def by_spelling(names: Iterable[str]) -> dict[str, str]:
    """The declared name of each spelling that no two of them share."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(spelling(name), []).append(name)
    return {of: each[0] for of, each in found.items() if len(each) == 1}
