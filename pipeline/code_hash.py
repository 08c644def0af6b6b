"""A digest of the code behind a node, so that TFX's cache notices when it is edited.

TFX puts only the dotted name of a function into the cache key. The digest here covers the sources
of the named modules and of everything they import from this project, and the templates that those
name.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = ".j2"
PACKAGES = ("components", "documents", "models", "pipeline", "serving")


def code_hash(*modules: str, root: Path = REPOSITORY) -> str:
    """Hex sha256 over the sources of `modules` (dotted names) and their imports within the project.

    Raises:
      ModuleNotFoundError: one of `modules` has no source file under `root`.
    """
    sources: dict[str, bytes] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in sources:
            continue
        path = _source_file(module, root)
        if path is None:
            raise ModuleNotFoundError(f"No source for module {module} under {root}.")
        sources[module] = path.read_bytes()
        tree = ast.parse(sources[module])
        waiting += [name for name in _imports(tree) if _source_file(name, root)]
        for template in _templates(tree, path.parent):
            sources[str(template.relative_to(root))] = template.read_bytes()
    digest = hashlib.sha256()
    for module in sorted(sources):
        digest.update(f"{module}\0{len(sources[module])}\0".encode())
        digest.update(sources[module])
    return digest.hexdigest()


def _source_file(module: str, root: Path) -> Path | None:
    if module.split(".")[0] not in PACKAGES:
        return None
    path = root.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _templates(tree: ast.Module, folder: Path) -> Iterator[Path]:
    """The templates beside a source that it names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            path = folder / node.value
            if node.value.endswith(TEMPLATE) and path.is_file():
                yield path


def _imports(tree: ast.Module) -> Iterator[str]:
    """Every module a source may import; `from a import b` yields both a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
