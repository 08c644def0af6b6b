"""Has Beam look for the modules of a function's packages by the names that the function uses.

For every function that it pickles by value, Beam's cloudpickle walks through all that is imported,
once for each package among the function's globals, for modules below it that the function can
address: eight thousand names, hundreds of times in a job.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any


def find_submodules_by_name() -> None:
    """From now on, in this process."""
    from apache_beam.internal.cloudpickle import cloudpickle

    plain = cloudpickle._find_imported_submodules
    if not hasattr(plain, "__wrapped__"):
        cloudpickle._find_imported_submodules = functools.wraps(plain)(imported_submodules)


def imported_submodules(code: types.CodeType, dependencies: Iterable[Any]) -> list[Any]:
    """The modules that are imported below packages among `dependencies` whose whole path `code` has
    the names of; as cloudpickle's own function, for packages whose parents are imported too."""
    names = tuple(dict.fromkeys(code.co_names))
    return [
        module
        for dependency in dependencies
        if isinstance(dependency, types.ModuleType) and getattr(dependency, "__package__", None)
        for module in _below(dependency.__name__, names)
    ]


def _below(package: str, names: tuple[str, ...]) -> Iterator[Any]:
    for name in names:
        path = f"{package}.{name}"
        if path in sys.modules:
            yield sys.modules[path]
            yield from _below(path, names)
