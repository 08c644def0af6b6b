"""Words for nothing: in files that are learned from, and in those that a model is asked about."""

from __future__ import annotations

from collections.abc import Collection

NOTHING = frozenset(
    {
        *("", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "nat", "<na>", "\\n"),
        *("-", "--", "\u2013", "\u2014", "?"),
        *("#n/a", "#na", "#null!", "#div/0!", "#num!", "#value!", "#ref!", "#name?"),
    }
)
"""How tables write that a number or a date is missing, in lower case; what Excel says of a formula
without a result is the last line."""


def says_nothing(cell: str, missing: Collection[str] | None = None) -> bool:
    """Whether a cell is one of these words, or of `missing`, in any case and with any blanks."""
    word = cell.strip().lower()
    return word in NOTHING or any(word == own.strip().lower() for own in missing or ())
