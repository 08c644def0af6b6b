"""What a function of a user's file reaches: the statements behind it, and nothing else.

The digest changes when the function would do something else, and not with a comment, a docstring or
the layout. What cannot be followed, such as `eval`, counts as everything in its file.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.code.hash import PACKAGES, code_hash

ALL = "*"
_LARGEST_FILE = 64 << 20
"""Bytes of a file beside the code that a text names, such as a list of words."""
_LONGEST_NAME = 255
_BLIND = frozenset({"eval", "exec", "globals", "locals", "vars", "__import__", "importlib"})
"""Whoever uses them may reach anything."""
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_Alias = tuple[str, str | None]
"""A module, and what is imported from it; None for the module itself."""


def digest(module: str, function: str, root: Path) -> str:
    """Hex sha256 over what `function` of the module `module` (dotted) below `root` reaches.

    Raises:
      SyntaxError: a source is no Python.
      OSError: a source cannot be read.
    """
    reach = _Reach(root, module.split(".")[0])
    reach.follow(module, function)
    found = hashlib.sha256()
    for key in sorted(reach.parts):
        found.update(f"{key}\0{reach.parts[key]}\0".encode("utf-8", "surrogatepass"))
    return found.hexdigest()


class _Source:
    """One module of the user's, and its statements by the names that they bind."""

    def __init__(self, module: str, path: Path):
        self.module, self.folder = module, path.parent
        self.package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        self.bound: dict[str, list[ast.stmt]] = {}
        self.aliases: dict[str, _Alias] = {}
        self.stars: list[str] = []
        self.always: list[ast.stmt] = []
        """Statements that do something when the module is imported, whoever is asked for."""
        for statement in ast.parse(path.read_bytes(), str(path)).body:
            if not isinstance(statement, _DEFINITIONS):
                self.aliases |= dict(_aliases(statement, self.package))
                self.stars += _stars(statement, self.package)
            names = {*_bound(statement)}
            for name in names:
                self.bound.setdefault(name, []).append(statement)
            acts = isinstance(statement, _COMPOUND) or not (names or _is_idle(statement))
            if acts and not _is_main(statement):
                self.always.append(statement)


class _Reach:
    """Follows names from one statement to the next."""

    def __init__(self, root: Path, package: str):
        self.parts: dict[str, str] = {}
        """What was reached."""
        self._root, self._package = root, package
        self._sources: dict[str, _Source | None] = {}
        self._done: set[tuple[str, str]] = set()

    def follow(self, module: str, name: str) -> None:
        """Whatever `name` is in `module`; ALL is everything there."""
        if (module, name) in self._done:
            return
        self._done.add((module, name))
        if module.split(".")[0] in PACKAGES:
            self._ours(module)
            return
        source = self._source(module)
        if source is None:
            return
        self._imported(source)
        for statement in (
            [each for bound in source.bound.values() for each in bound]
            if name == ALL
            else source.bound.get(name, ())
        ):
            self._statement(source, statement)
        if name == ALL or name not in source.bound:
            for star in source.stars:
                self.follow(star, name)

    def _ours(self, module: str) -> None:
        try:
            self.parts[f"{module}:project"] = code_hash(module)
        except ModuleNotFoundError:
            return

    def _imported(self, source: _Source) -> None:
        """What the import of the module does by itself, and that of the packages above."""
        if (source.module, "") in self._done:
            return
        self._done.add((source.module, ""))
        above = self._source(source.module.rpartition(".")[0])
        if above:
            self._imported(above)
        for statement in source.always:
            self._statement(source, statement)

    def _statement(self, source: _Source, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return  # Of what it brings counts what others use.
        key = f"{source.module}:{ast.dump(_plain(statement))}"
        if key in self.parts:
            return
        self.parts[key] = ""
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        inside = dict(_aliases(statement, source.package))
        for star in _stars(statement, source.package):
            self.follow(star, ALL)
        for name in sorted(names | inside.keys()):
            alias = inside.get(name) or source.aliases.get(name)
            if alias:
                self.parts[f"{source.module}:{name} is {alias}"] = ""
                self._alias(alias, statement, name)
            if name in source.bound:
                self.follow(source.module, name)
            elif not alias:
                for star in source.stars:
                    self.follow(star, name)
        if names & _BLIND:
            self.follow(source.module, ALL)
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._file(source, node.value)

    def _alias(self, alias: _Alias, statement: ast.stmt, name: str) -> None:
        """What a statement uses of what it knows by an imported name."""
        module, member = alias
        if member is not None and self._source(f"{module}.{member}") is None:
            self.follow(module, member)
            return
        whole = module if member is None else f"{module}.{member}"
        for attribute in _attributes(statement, name):
            self.follow(whole, attribute)

    def _source(self, module: str) -> _Source | None:
        if module not in self._sources:
            path = source_file(module, self._root, self._package)
            self._sources[module] = _Source(module, path) if path else None
        return self._sources[module]

    def _file(self, source: _Source, text: str) -> None:
        """A file beside the code that a text names."""
        if not text or len(text) > _LONGEST_NAME or "\0" in text or Path(text).is_absolute():
            return
        path = source.folder / text
        try:
            if path.is_file() and path.suffix != ".py" and path.stat().st_size <= _LARGEST_FILE:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                self.parts[f"{source.module}:file {text}"] = content
        except OSError:
            return


def source_file(module: str, root: Path, package: str) -> Path | None:
    """The source of a module of the package `package` below `root`; None for any other module."""
    if module.split(".")[0] != package:
        return None
    path = root.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a meaning to in its module."""
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, _DEFINITIONS):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _aliases(tree: ast.AST, package: str) -> Iterator[tuple[str, _Alias]]:
    """What imported names stand for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0], (alias.name, None)
        elif isinstance(node, ast.ImportFrom):
            module = _module(node, package)
            for alias in node.names:
                if alias.name != ALL:
                    yield alias.asname or alias.name, (module, alias.name)


def _stars(tree: ast.AST, package: str) -> list[str]:
    return [
        _module(node, package)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name == ALL for alias in node.names)
    ]


def _module(node: ast.ImportFrom, package: str) -> str:
    """The module behind `from .a import b`."""
    if not node.level:
        return node.module or ""
    above = package.split(".")
    above = above[: len(above) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _attributes(statement: ast.stmt, name: str) -> set[str]:
    """What a statement uses of a module by `name.…`; ALL where it does otherwise."""
    parents: Mapping[ast.AST, ast.AST] = {
        child: node for node in ast.walk(statement) for child in ast.iter_child_nodes(node)
    }
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id == name:
            parent = parents.get(node)
            found.add(parent.attr if isinstance(parent, ast.Attribute) else ALL)
        if isinstance(node, ast.Import):
            # `import a.b` binds a; what is used of b stands further down.
            dotted = any("." in alias.name and not alias.asname for alias in node.names)
            found |= {ALL} if dotted else set()
    return found


def _is_idle(statement: ast.stmt) -> bool:
    """A docstring, or nothing."""
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom)


def _is_main(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, which no import does."""
    test = statement.test if isinstance(statement, ast.If) else None
    return isinstance(test, ast.Compare) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test)
    )


class _NoDocstrings(ast.NodeTransformer):
    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, _DEFINITIONS) and _is_docstring(node.body[0]):
            node.body = node.body[1:] or [ast.Pass()]
        return node


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _plain(statement: ast.stmt) -> ast.AST:
    """Without docstrings."""
    plain: ast.AST = _NoDocstrings().visit(copy.deepcopy(statement))
    return plain
