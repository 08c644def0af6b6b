"""Which names in a base path are versions to a model server: the one rule, for all of us. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIGHEST = 2**63 - 1
LOWEST = -(2**63)

# What TensorFlow's safe_strto64 takes, by which TensorFlow Serving reads the names in a base path
# (file_system_storage_path_source.cc): ASCII digits of an int64, any number of leading zeros,
# whitespace of C around them. Releases since 2025 take a plus as well.
_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?)0*([0-9]{1,19})[ \t\n\v\f\r]*", re.ASCII)


def version_number(name: str) -> int | None:
    """The number that a model server reads in a name; None when that is no version to it."""
    matched = _NUMBER.fullmatch(name)
    if matched is None:
        return None
    number = int(f"{matched[1]}{matched[2]}")
    return number if LOWEST <= number <= HIGHEST else None


def names_by_number(names: Iterable[str]) -> dict[int, list[str]]:
    """The names that are versions by their number, lowest first; the one to load comes first.

    Several may read as one number, such as `2` and `0000002`. Model servers then load the last or
    the first of them, as their policy is (serving/server/versions/model_config.py); here the plain
    number comes first.
    """
    found: dict[int, list[str]] = {}
    for name in names:
        number = version_number(name)
        if number is not None:
            found.setdefault(number, []).append(name)
    return {
        number: sorted(found[number], key=lambda name: (name != str(number), name))
        for number in sorted(found)
    }
