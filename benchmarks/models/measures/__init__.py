"""One module a measure: `measure(scratch)` gives targets and figures."""

from __future__ import annotations

import importlib
import pkgutil

from benchmarks.target import Part

NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
"""A module that is put here is a measure."""


def measure_of(name: str) -> Part:
    """The measure of that name; what it imports is imported now."""
    measure: Part = importlib.import_module(f"{__name__}.{name}").measure
    return measure
