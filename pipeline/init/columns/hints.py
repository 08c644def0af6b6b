"""What is told of columns that are read as words, and might have been numbers or more. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence

from documents.cells.cell import shown
from documents.cells.notation import SCALES, notations
from pipeline.init.columns.nearly import TO_COMPARE

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
_LIMIT = re.compile(rf"[<>≤≥~≈]\s*=?\s*{_NUMBER}.{{0,10}}")
_PART = r"[+-]?\d{1,6}(?:[.,]\d+)?"
_SEVERAL = re.compile(rf"\D{{0,8}}{_PART}(?:[^\d.:-]{{1,3}}-?{_PART})+\D{{0,8}}")
"""Such as 120/80, 48.85, 2.35 or 12°30'15"N; no versions, addresses of machines, dates, phones."""
_DURATION = re.compile(
    r"\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d+)?|P(?:\d+D)?T?(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?"
    r"|(?:\d+\s*(?:h|hrs?|std|min|m|sec|s|d)\.?\s*){2,4}",
    re.IGNORECASE,
)
_SCALED = re.compile(
    rf"(?P<currency>[^\w\s.,+-]|[A-Z]{{3}})?\s?{_NUMBER}\s?(?P<scale>[a-z]{{1,8}})?\.?\+?",
    re.IGNORECASE,
)
"""Such as €110.5M."""
_MOST_UNSCALED = 0.2
"""Share of cells such as `varies` among them."""
_QUOTED = re.compile(r"""'\s*[+-]?[\d.,]+|="[+-]?[\d.,]+\"""")
"""As Excel keeps numbers texts."""
_MONTH = r"[^\W\d_]{3,12}\.?"
_NAMED = re.compile(
    rf"\d{{1,2}}\.?(?:[\s/-]|\s+de\s)\s*{_MONTH}(?:[\s/,-]|\s+de\s)\s*(?:\d{{4}}|\d\d)"
    rf"|{_MONTH}\s+\d{{1,2}}\.?,?\s+\d{{4}}|{_MONTH}[\s/-]\s*\d{{4}}|\d{{4}}[\s/-]\s*{_MONTH}"
)
_MOST_NAMES = 0.7
"""Different words, as a share of the dates with names of months."""
_PERIOD = re.compile(
    r"\d{4}\s?[-/ ]?\s?(?:[QqWw]\d{1,2}|KW\s?\d{1,2})|[Qq][1-4][-/ ]\s?\d{4}"
    r"|\d{4}[-/.](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-/.]\d{4}"
)
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])(?:\s?[hH]\s?[0-5]\d|\.[0-5]\d\s?(?:Uhr|h))")
_FEWEST = 20
"""Different cells; fewer are fit to be categories."""


def hint(values: Counter[str]) -> str:
    """The end of a sentence about words that may have been meant as more; "" where there is none.

    Args:
      values: cells that are not missing; of many different ones the first.
    """
    usual = [cell for cell, _ in values.most_common(TO_COMPARE)]
    for is_so, said in _HINTS:
        is_sure = is_so in (_are_json, _are_lists)
        if (len(values) > _FEWEST or is_sure) and usual and is_so(usual):
            return f"; {said} ({', '.join(map(shown, _two(usual)))})"
    return ""


def _are_json(cells: Sequence[str]) -> bool:
    try:
        return all(isinstance(json.loads(cell), dict | list) for cell in cells)
    except (ValueError, RecursionError):
        return False


def _are_lists(cells: Sequence[str]) -> bool:
    return (
        all(cell.startswith("[") for cell in cells)
        and _are_json(cells)
        and all(isinstance(of, str | int | float) for cell in cells for of in json.loads(cell))
    )


def _have_limits(cells: Sequence[str]) -> bool:
    limits = [cell for cell in cells if _LIMIT.fullmatch(cell)]
    return bool(limits) and all(cell in limits or notations(cell) for cell in cells)


def _have_scales(cells: Sequence[str]) -> bool:
    """Whether they are numbers that count in thousands or millions, each as it likes."""
    found = [of for of in map(_SCALED.fullmatch, cells) if of]
    scales = [(of["scale"] or "").lower() for of in found]
    if len(found) < (1 - _MOST_UNSCALED) * len(cells) or not {*scales} <= SCALES | {""}:
        return False
    return len({*scales} - {""}) > 1 or (any(scales) and any(of["currency"] for of in found))


def _are_named(cells: Sequence[str]) -> bool:
    """Whether they are dates with names of months, which come again."""
    words = {word for cell in cells for word in re.findall(r"[^\W\d_]{3,}", cell.lower())}
    return len(words) <= _MOST_NAMES * len(cells) and all(map(_NAMED.fullmatch, cells))


def _have_parts(cells: Sequence[str]) -> bool:
    """Whether they are lists of words that come again in others, with | between."""
    parts = [part.strip() for cell in cells for part in cell.split("|")]
    several = [cell for cell in cells if "|" in cell]
    return 2 * len(several) > len(cells) and 2 * len({*parts}) < len(parts)


def _all(form: re.Pattern[str]) -> Callable[[Sequence[str]], bool]:
    return lambda cells: all(form.fullmatch(cell) for cell in cells)


def _two(cells: Sequence[str]) -> list[str]:
    """Two cells that show what is meant: of another beginning, where there are such."""
    others = [cell for cell in cells if cell[:1] != cells[0][:1]]
    return [cells[0], *others[:1]]


_HINTS: tuple[tuple[Callable[[Sequence[str]], bool], str], ...] = (
    (_are_lists, "lists as JSON writes them: kind text learns from each word"),
    (_are_json, "JSON: give each key a column of its own, as JSON Lines have it"),
    (
        _all(_DURATION),
        "durations, or scores: for durations declare {kind: number, duration: minutes}, or hours,"
        " whatever is first in 1:45",
    ),
    (_have_parts, "several words in a cell, with | between: kind text learns from each of them"),
    (_have_limits, "numbers and limits: write a number for each limit, for kind number"),
    (
        _all(_QUOTED),
        "numbers behind a sign ' or =, with which Excel keeps them texts: take it away for kind"
        " number",
    ),
    (_are_named, "dates with names of months: write them as 2026-11-25 for kind date"),
    (
        _all(_PERIOD),
        "months, quarters or weeks: write the first day of each, as 2026-11-01, for kind date",
    ),
    (_all(_CLOCK), "times of day: write them as 14:30 for kind time"),
    (
        lambda cells: all(map(notations, cells)),
        "numbers, each written in another way: write all alike for kind number",
    ),
    (
        _have_scales,
        "numbers, some in thousands or millions: write all in full, as 1500000, for kind number",
    ),
    (_all(_SEVERAL), "several numbers in a cell: give each a column of its own, for kind number"),
)
