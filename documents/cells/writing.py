"""A category as several programs write it: `01002` and `1002`, `female` and `Female`. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from documents.cells.texts import without_fraction

_AROUND = "'\"=` "


def plain(category: str) -> str:
    """One writing for all that programs make of a code or word that they read and write."""
    text = unicodedata.normalize("NFKC", category).casefold().strip(_AROUND)
    text = without_fraction(" ".join(text.split()))
    return text.lstrip("0") or "0" if text.isdecimal() else text


def by_plain(known: Iterable[str]) -> Mapping[str, str]:
    """Categories by their plain writing; of several that share it the first."""
    found: dict[str, str] = {}
    for category in known:
        found.setdefault(plain(category), category)
    return found
