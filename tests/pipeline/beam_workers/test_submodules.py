"""Which modules Beam ships with a function: the same as without the shortcut."""

from __future__ import annotations

import concurrent.futures
import inspect
import os
import sys
from types import CodeType, ModuleType
from typing import Any

import pytest
from apache_beam.internal.cloudpickle import cloudpickle

from pipeline.beam_workers.submodules import find_submodules_by_name, imported_submodules

plain: Any = inspect.unwrap(cloudpickle._find_imported_submodules)
"""Beam's own."""


@pytest.fixture(autouse=True)
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """`trunk`, `trunk.branch`, `trunk.branch.leaf`, `trunk.other`: imported packages."""
    for name in ("trunk", "trunk.branch", "trunk.branch.leaf", "trunk.other"):
        module = ModuleType(name)
        module.__package__ = name
        monkeypatch.setitem(sys.modules, name, module)


def code(source: str) -> CodeType:
    return compile(source, "<test>", "exec")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("trunk.branch", ["trunk.branch"]),
        ("trunk.branch.leaf", ["trunk.branch", "trunk.branch.leaf"]),
        ("trunk.leaf", []),
        ("trunk.nothing", []),
        ("trunk.other.x; trunk.branch", ["trunk.branch", "trunk.other"]),
    ],
)
def test_modules_that_a_function_can_address(source: str, names: list[str]):
    wanted = [sys.modules[name] for name in names]
    given = code(source), [sys.modules["trunk"], 7, os.path, None]
    found = imported_submodules(*given)
    assert sorted(map(str, found)) == sorted(map(str, wanted)) == sorted(map(str, plain(*given)))


def test_a_function_that_is_pickled_has_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cloudpickle, "_find_imported_submodules", plain)
    find_submodules_by_name()
    find_submodules_by_name()  # Twice is once.
    assert inspect.unwrap(cloudpickle._find_imported_submodules) is plain
    assert cloudpickle._find_imported_submodules is not plain

    names: dict[str, Any] = {"__name__": "__main__", "concurrent": concurrent}
    exec("def pool():\n    return concurrent.futures.ThreadPoolExecutor", names)
    state = cloudpickle._function_getstate(names["pool"])[1]
    assert state["_cloudpickle_submodules"] == [concurrent.futures]
