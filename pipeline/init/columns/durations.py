"""Columns whose cells say how long something took, and scores, which only look so. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from documents.cells.durations import First, is_of_clock, seconds

_LENGTHS = {
    *("duration", "elapsed", "runtime", "length", "lap", "pace", "took", "delay", "wait", "uptime"),
    *(
        "dauer",
        "laufzeit",
        "wartezeit",
        "duree",
        "durée",
        "duración",
        "duracion",
        "durata",
        "split",
    ),
}
_SCORES = {
    *("score", "scores", "result", "results", "goals", "final", "halftime", "points", "sets"),
    *("ergebnis", "endstand", "spielstand", "halbzeit", "tore", "punkte", "resultado", "risultato"),
    *("résultat", "resultat", "marcador", "wynik", "uitslag"),
}
_FEWEST = 3
"""Different cells."""
_HOURS = 24
_PART_OF_SECOND = re.compile(r"[.,]")
_WORD = re.compile(r"[^\W\d_]+")


def proposal(name: str, cells: Collection[str]) -> tuple[dict[str, Any], str] | None:
    """The kind of a column, as the settings have it, and why; None where it holds no durations, or
    what may as well be something else.

    Args:
      name: of the column, which decides where cells such as 1:45 do not.
      cells: different ones, none of them missing.
    """
    if len(cells) < _FEWEST or any(seconds(cell, "hours") is None for cell in cells):
        return None
    words = {word.lower() for part in _WORD.findall(name) for word in _parts(part)}
    if not all(map(is_of_clock, cells)):
        return _number("hours"), "every cell is a duration, which counts in seconds"
    firsts = [int(cell.strip().lstrip("-").partition(":")[0]) for cell in cells]
    are_long = all(cell.count(":") == 2 for cell in cells)
    if words & _SCORES and not are_long:
        why = "scores, by the name: give each number a column of its own, for kind number"
        return {"kind": "ignore"}, why
    if words & _LENGTHS or (are_long and max(firsts) >= _HOURS):
        is_short = max(firsts) >= _HOURS or any(map(_PART_OF_SECOND.search, cells))
        first: First = "minutes" if is_short and not are_long else "hours"
        seen = "" if are_long else f", {first} first: set duration to the other one if that is so"
        return _number(first), f"every cell is a duration, which counts in seconds{seen}"
    return None


def _parts(word: str) -> list[str]:
    """Of `lapTime`: lap and Time."""
    return re.findall(r"[A-ZÀ-Þ]?[^\WA-ZÀ-Þ\d_]+|[A-ZÀ-Þ]+", word)


def _number(first: First) -> dict[str, Any]:
    return {"kind": "number", "duration": first}
