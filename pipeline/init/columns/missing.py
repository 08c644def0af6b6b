"""What stands for nothing in a column of numbers, dates or times: `-999`, `not measured`. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

KNOWN = frozenset(
    {
        *("unknown", "unkn", "unk", "missing", "not available", "not applicable", "not measured"),
        *("not recorded", "not reported", "not known", "not given", "not specified", "no data"),
        *("nodata", "no answer", "no response", "refused", "undefined", "invalid", "error"),
        *("tbd", "tba", "void", "empty", "blank", "n/d", "n.d.", "nd", "n/r", "nr", "n/s", "nv"),
        *(".", "..", "...", "*", "**", "x", "xx", "xxx", "#", "/", "\\"),
        *("unbekannt", "keine angabe", "keine angaben", "k.a.", "k. a.", "k.a", "n.v.", "n. v."),
        *("fehlt", "inconnu", "inconnue", "non disponible", "non renseigné", "nc", "n.c."),
        *("desconocido", "sin dato", "sin datos", "s/d", "sconosciuto", "desconhecido", "onbekend"),
        *("okänd", "ukjent", "nieznany", "нет данных", "неизвестно", "未知", "不明", "无", "なし"),
        *("غير معروف", "अज्ञात"),
    }
)
"""Words for nothing that a run does not know by itself, in lower case."""
_MOST_WORDS, _LEAST_CELLS = 3, 3
"""Different ones that nobody knows, in one column, and cells of each."""
_MOST_UNKNOWN = 0.2
"""Share of cells, of all of those."""
_ZEROS = re.compile(r"[0.:/ T-]*0[0.:/ T-]*")
"""A day or time that no calendar has: `00.00.0000`."""
_SAME_DIGIT = re.compile(r"9+(?:\.9*)?|([78])\1+(?:\.\1*)?", re.ASCII)
"""As people write what is no measurement, `-999`, `77`."""
_FEWEST = 3
"""Cells of each number that stands for nothing, different other numbers, and numbers apart."""
_LEAST_SHARE = 0.002
_LAST_YEAR, _FAR_AWAY = 2099, timedelta(days=3_653)
_FIRST_DAYS = frozenset(
    {(1, 1, 1), (1753, 1, 1), (1800, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1)}
) | {(1970, 1, 1)}
"""Where calendars of programs begin."""
_BELOW, _FAR, _VERY_FAR = 0.1, 1.0, 10.0
"""Ranges of all others, between them and a number that looks so and is negative where no other is,
one that looks so, and one that does not."""


def words(bad: Mapping[str, int], filled: int, most: float = _MOST_UNKNOWN) -> dict[str, int]:
    """The cells that say that there is nothing, and how many there are of each.

    Args:
      bad: cells that are none of the kind of nearly all others.
      filled: how many cells there are.
      most: share of cells that hold words that nobody knows.
    """
    known = {of: n for of, n in bad.items() if of.lower() in KNOWN or _ZEROS.fullmatch(of)}
    others = {
        word: count
        for word, count in bad.items()
        if word not in known and count >= _LEAST_CELLS and not any(map(str.isdigit, word))
    }
    if len(others) > _MOST_WORDS or sum(others.values()) > most * filled:
        return known
    return {**known, **others}


def numbers(
    counts: Counter[str], plain: Callable[[str], str], ends: Collection[float]
) -> dict[float, int]:
    """The few numbers that come again and again far away from all others, with the cells of each.

    Args:
      counts: of cells, all of which are numbers.
      plain: from a cell to what Python reads.
      ends: the least and the greatest number of the column, some of which may not be counted.
    """
    by_number: Counter[float] = Counter()
    for cell, count in counts.items():
        by_number[float(plain(cell))] += count
    filled = sum(by_number.values())
    found: dict[float, int] = {}
    # What is far below makes what is above seem near, until it is found.
    for sign in (1, -1, 1):
        ordered = sorted((number for number in by_number if number not in found), key=_times(sign))
        for size in range(1, min(_FEWEST, len(ordered) - _FEWEST) + 1):
            apart, others = ordered[-size:], ordered[:-size]
            least, greatest = min(others), max(others)
            far = min(abs(number - others[-1]) for number in apart) / (greatest - least)
            looks_so = all(_SAME_DIGIT.fullmatch(f"{abs(number):g}") for number in apart)
            often = all(by_number[of] >= max(_FEWEST, _LEAST_SHARE * filled) for of in apart)
            is_end = apart[-1] in ends
            is_below = looks_so and max(apart) < 0 <= least
            enough = _BELOW if is_below else _FAR if looks_so else _VERY_FAR
            if often and is_end and far >= enough and 0 not in apart:
                found |= {number: by_number[number] for number in apart}
    return found


def days(counts: Counter[str], moment: Callable[[str], datetime | None]) -> dict[str, int]:
    """The days for nothing, such as 9999-12-31, that come again far away from all others, with the
    cells of each.

    Args:
      counts: of cells, all of which are dates.
      moment: that a cell is, None where it is missing.
    """
    read = {cell: found for cell in counts if (found := moment(cell))}
    likely = {
        cell: counts[cell]
        for cell, found in read.items()
        if counts[cell] >= max(_FEWEST, _LEAST_SHARE * counts.total())
        and (found.year >= _LAST_YEAR or (found.year, found.month, found.day) in _FIRST_DAYS)
    }
    others = [found for cell, found in read.items() if cell not in likely]
    if len(others) < _FEWEST:
        return {}
    least, greatest = min(others), max(others)
    far = max(_FAR_AWAY, greatest - least)
    return {
        cell: count
        for cell, count in likely.items()
        if read[cell] - greatest > far or least - read[cell] > far
    }


def _times(sign: int) -> Callable[[float], float]:
    return lambda number: sign * number
