"""A digest of the code behind a node, so that TFX's cache notices when it is edited.

TFX puts only the dotted name of a function into the cache key. The digest here covers the sources
of the named modules and of everything they import from this project, and the templates that those
name.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = ".j2"
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
"""Fields of the syntax tree that hold statements, or what holds them."""
_IMPORT = re.compile(
    rb"^[ \t]*((?:from[ \t]+[\w.]+[ \t]+)?import\b(?:[ \t]*\([^()]*\)|[^\n]*))", re.MULTILINE
)
_TEXT = (b'"""', b"'''")
_WORD = re.compile(rb"\bimport\b")
PACKAGES = ("components", "documents", "models", "pipeline", "serving")


def code_hash(*modules: str, root: Path = REPOSITORY) -> str:
    """Hex sha256 over the sources of `modules` (dotted names) and their imports within the project.

    Raises:
      ModuleNotFoundError: one of `modules` has no source file under `root`.
    """
    sources: dict[str, bytes] = {}
    waiting = list(modules)
    source_file = functools.cache(lambda module: _source_file(module, root))
    while waiting:
        module = waiting.pop()
        if module in sources:
            continue
        path = source_file(module)
        if path is None:
            raise ModuleNotFoundError(f"No source for module {module} under {root}.")
        sources[module] = path.read_bytes()
        imports, texts = _read(sources[module])
        waiting += [name for name in imports if source_file(name)]
        for template in (path.parent / text for text in texts):
            if template.is_file():
                sources[str(template.relative_to(root))] = template.read_bytes()
    digest = hashlib.sha256()
    for module in sorted(sources):
        digest.update(f"{module}\0{len(sources[module])}\0".encode())
        digest.update(sources[module])
    return digest.hexdigest()


def _source_file(module: str, root: Path) -> Path | None:
    if module.split(".")[0] not in PACKAGES:
        return None
    path = os.path.join(root, *module.split("."))
    for candidate in (f"{path}.py", os.path.join(path, "__init__.py")):
        if os.path.isfile(candidate):
            return Path(candidate)
    return None


@functools.cache
def _read(source: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every module a source may import, and the texts in it that may name a template.

    Most sources are behind several nodes, and to walk through one takes milliseconds. `from a
    import b` yields both a and a.b.
    """
    imports: dict[str, None] = {}
    texts: dict[str, None] = {}
    # A text is an expression, of which there are ten for each statement.
    has_texts = TEMPLATE.encode() in source
    for node in ast.walk(ast.parse(source)) if has_texts else _statements(_imports(source)):
        if isinstance(node, ast.Import):
            imports.update((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports[node.module] = None
            imports.update((f"{node.module}.{alias.name}", None) for alias in node.names)
        elif isinstance(text := getattr(node, "value", None), str) and text.endswith(TEMPLATE):
            texts[text] = None
    ours = tuple(name for name in imports if name.split(".")[0] in PACKAGES)
    return ours, tuple(texts)


def _imports(source: bytes) -> list[ast.stmt]:
    """The import statements, or all there are: a run would parse four hundred files whole, which
    takes it a third of a CPU second before its first node."""
    found = _IMPORT.findall(source)
    texts = [text for mark in _TEXT for text in source.split(mark)[1::2]]
    in_found, in_texts, everywhere = (
        sum(len(_WORD.findall(part)) for part in parts) for parts in (found, texts, [source])
    )
    if in_found == everywhere and not in_texts:
        with contextlib.suppress(SyntaxError):
            return ast.parse(b"\n".join(found)).body
    # The word stands elsewhere too: in a text, or behind something else in its line.
    return ast.parse(source).body


def _statements(block: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Those of a block, and of all blocks inside them."""
    for statement in block:
        yield statement
        for field in _BLOCKS:
            yield from _statements(getattr(statement, field, ()))
