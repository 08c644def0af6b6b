"""Whole numbers whose mean nobody would ask for: codes, ids, and seconds since 1970. Pure."""

from __future__ import annotations

import re

from documents.cells.dates import UNIX

LONGEST_NUMBER = 9
"""Digits; float32 tells whole numbers of more apart no longer, and what people count is less."""

_CODES = {
    *("zip", "zipcode", "plz", "postal", "postcode", "code", "codes", "tract", "fips", "district"),
    *("isbn", "ean", "gtin", "sku", "upc", "phone", "id", "key", "no", "nr", "ward", "precinct"),
}
_CHECK_DIGITS = {"X", "x"}
_CHECKED = 7
"""Digits before that: as many as those of periodicals have."""
_PLACES = {
    *("area", "region", "zone", "sector", "neighborhood"),
    *("hour", "day", "weekday", "dow", "month"),
}
"""Codes where few of them stand in many rows; an area may also be square metres."""
_TIMES = {"time", "timestamp", "date", "datetime", "at", "ts", "created", "updated", "start", "end"}
FRACTION = re.compile(r"[+-]?\d+\.\d*[1-9]\d*|[+-]?\d+\.\d{2,}", re.ASCII)
"""A code in which what stands behind the point tells it from others: 250.01, or 1.10."""
_INDEX = re.compile(r"__index_level_\d+__|Unnamed: \d+")
"""As pandas calls an index without a name when it writes Parquet, and reads CSV."""
_ROW_NAMES = {"index", "level_0", "rownames", "row.names", "rowid", "row_id"}
_GROUPS = {
    *("id", "user", "patient", "customer", "client", "subject", "person", "student", "session"),
    *("group", "household", "account", "machine", "device", "store", "player", "author"),
}
_FEW = 100
"""Different places."""
_ROWS_EACH = 10
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_FIRST_SECOND, _LAST_SECOND = 946_684_800, 2_208_988_800
"""2000 to 2039."""


def moments(name: str, least: float, greatest: float) -> str | None:
    """The format of dates that whole numbers from `least` to `greatest` have, by their column's
    name; None where they are no moments."""
    return moments_by_chance(least, greatest) if _words(name) & _TIMES else None


def moments_by_chance(least: float, greatest: float) -> str | None:
    """As `moments`, whatever the column is called."""
    for form, per_second in UNIX.items():
        if least >= _FIRST_SECOND * per_second and greatest <= _LAST_SECOND * per_second:
            return form
    return None


def reason(name: str, *, longest: int, different: int, filled: int) -> str | None:
    """Why a column of whole numbers is one of codes, as the end of a sentence; None if it is not.

    Args:
      longest: digits of the longest number.
      different: how many numbers there are.
      filled: in how many rows.
    """
    if longest > LONGEST_NUMBER:
        return f"whole numbers of {longest} digits, as codes have them"
    words = _words(name)
    if words & _CODES:
        return "whole numbers, and a name as codes have it"
    if words & _PLACES and different <= _FEW and filled >= _ROWS_EACH * different:
        return f"{different} whole numbers, and a name as codes have it"
    return None


def of_unit(unit: str | None, *, longest: int) -> str | None:
    """The same of numbers that end in what reads as a unit, and is the digit by which a book or a
    person's number is checked, or stands for digits that nobody shall see, as in 940xx.

    Args:
      unit: what they end in, if that is all that is special about them.
      longest: digits of the longest number.
    """
    if unit in _CHECK_DIGITS and longest >= _CHECKED:
        return f"whole numbers, some with {unit} for a check digit, as codes have it"
    if unit and len(unit) > 1 and {*unit} <= _CHECK_DIGITS:
        return f"whole numbers with {unit} for further digits, as codes have it"
    return None


def of_an_index(name: str, differs: bool) -> bool:
    """Whether a column of whole numbers is called as those are that number the rows.

    Args:
      differs: whether hardly two rows have the same one.
    """
    return bool(_INDEX.fullmatch(name)) or (differs and name.lower() in _ROW_NAMES)


def are_of_groups(name: str) -> bool:
    """Whether a column is called as one that says to whom or what a row belongs."""
    return bool(_words(name) & _GROUPS)


def _words(name: str) -> set[str]:
    """Of `pickupCommunity_area`: pickup, community and area."""
    return {word.lower() for word in _WORD.findall(name)}
