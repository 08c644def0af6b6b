"""One module a measure: `measure(scratch)` gives targets and figures."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.targets import Target

Measure = Callable[[Path], tuple[list[Target], dict[str, Any]]]
"""From a folder of its own to the verdicts, and to whatever else the JSON file shall hold."""

NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
"""A module that is put here is a measure."""


def measure_of(name: str) -> Measure:
    """The measure of that name; what it imports is imported now."""
    measure: Measure = importlib.import_module(f"{__name__}.{name}").measure
    return measure
