"""Whether a class or function is there, told from source text: nothing is imported or run."""

from __future__ import annotations

import ast
import functools
import importlib.machinery
from collections.abc import Mapping, Sequence
from pathlib import Path

from documents.settings.section import short


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
    file = file_of(module)
    if file is None:
        return f"there is no module {short(module)}"
    if file.suffix == ".py" and name not in _names(file):
        return f"module {short(module)} has no {short(name)}"
    return None


def not_function(path: str) -> str | None:
    """As `missing`; also why what is there is no function."""
    found = missing(path)
    if found:
        return found
    node = _definition(path)
    kind = next((name for of, name in _KINDS if isinstance(node, of)), None)
    return f"{short(path)} is {kind}, and a function must be" if kind else None


def not_executor(path: str) -> str | None:
    """As `missing`; also why what is there is no class with the method `Do` of an executor."""
    found = missing(path)
    if found:
        return found
    if _has_do(path, _DEEPEST):
        return None
    return f"{short(path)} is no executor: a class with a method Do must be"


_DEEPEST = 8
"""Classes from one to the first of its bases, and modules that hand a name on."""
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (ast.ClassDef, "a class"),
    ((ast.Assign, ast.AnnAssign), "a value"),
    (ast.Import, "a module"),
)


def _has_do(path: str, left: int) -> bool:
    """What cannot be told, as it comes from a compiled module, is taken for one."""
    node, module = _defined(path, left)
    if module is None:
        file = file_of(path.rpartition(".")[0])
        return file is not None and file.suffix != ".py"
    if not isinstance(node, ast.ClassDef) or not left:
        return False
    if any(isinstance(inner, ast.FunctionDef) and inner.name == "Do" for inner in node.body):
        return True
    bases = (ast.unparse(base) for base in node.bases)
    return any(_has_do(_full(base, module), left - 1) for base in bases)


def _full(name: str, module: str) -> str:
    """The full path of a name, dotted perhaps, as a module uses it."""
    first, *rest = name.split(".")
    node = _definitions(module).get(first)
    if isinstance(node, ast.Import):
        found = next(a for a in node.names if (a.asname or a.name.split(".")[0]) == first)
        return ".".join([found.name if found.asname else first, *rest])
    if isinstance(node, ast.ImportFrom):
        found = next(a for a in node.names if (a.asname or a.name) == first)
        return ".".join([_from(node, module), found.name, *rest])
    return ".".join([module, first, *rest])


def _from(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return str(node.module)
    file = file_of(module)
    up = node.level - bool(file and file.stem == "__init__")
    parts = module.split(".")
    return ".".join([*parts[: len(parts) - up], *filter(None, [node.module])])


def _definition(path: str) -> ast.AST | None:
    return _defined(path, _DEEPEST)[0]


def _defined(path: str, left: int) -> tuple[ast.AST | None, str | None]:
    """What defines a name, and in which module; nothing where the source does not tell."""
    module, _, name = path.rpartition(".")
    node = _definitions(module).get(name) if module else None
    if isinstance(node, ast.ImportFrom) and left:
        elsewhere = _full(name, module)
        return (node, None) if file_of(elsewhere) else _defined(elsewhere, left - 1)
    return node, module if node is not None else None


@functools.cache
def _definitions(module: str) -> Mapping[str, ast.AST]:
    """The statements behind the names of a module, by name; none where it has no source."""
    file = file_of(module)
    if file is None or file.suffix != ".py":
        return {}
    found: dict[str, ast.AST] = {}
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update({alias.asname or alias.name.split(".")[0]: node for alias in node.names})
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({t.id: node for t in targets if isinstance(t, ast.Name)})
    return found


@functools.cache
def file_of(module: str) -> Path | None:
    """Where the source of a module is, or what it was compiled to; None where there is none."""
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
