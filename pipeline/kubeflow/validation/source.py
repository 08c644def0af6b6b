"""Whether a class or function is there, told from source text: nothing is imported or run."""

from __future__ import annotations

import ast
import functools
import importlib.machinery
from collections.abc import Sequence
from pathlib import Path

from documents.section import short


def missing(path: str) -> str | None:
    """Why `module.Name` cannot be imported; None when it can, as far as the source tells.

    importlib.util.find_spec would import the packages around the module, so each part is looked
    up in the folder of the one before.
    """
    module, _, name = path.rpartition(".")
    if not module:
        return f"{short(path)} names no module"
    if module.split(".")[0] == "__main__":
        return "a class in __main__ is another one in the container"
    file = _file(module)
    if file is None:
        return f"there is no module {short(module)}"
    if file.suffix == ".py" and name not in _names(file):
        return f"module {short(module)} has no {short(name)}"
    return None


@functools.cache
def _file(module: str) -> Path | None:
    folders: Sequence[str] | None = None
    spec = None
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        spec = importlib.machinery.PathFinder.find_spec(".".join(parts[:end]), folders)
        if spec is None:
            return None
        folders = list(spec.submodule_search_locations or ())
    return Path(spec.origin) if spec and spec.origin else None


@functools.cache
def _names(file: Path) -> frozenset[str]:
    """Names that a module defines or imports at its top level."""
    found: set[str] = set()
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
            if node.name == "__getattr__":
                # What a module imports when it is asked for.
                found.update(name for inner in ast.walk(node) for name in _imported(inner))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(_imported(node))
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(found)


def _imported(node: ast.AST) -> list[str]:
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return []
    return [name.asname or name.name for name in node.names]
