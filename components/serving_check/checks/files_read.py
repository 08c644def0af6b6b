"""Where does a model read files from while it is loaded?

A server tells a model where its variables and its assets are, by feeding their places. Whatever
else is read is not what was checked: on another machine, or tomorrow, it is another file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from tensorflow.python.framework import op_def_registry

_FIXED_PATH = re.compile(rb"\.{0,2}/.|\w+://.|.*/\.\./", re.DOTALL)
"""The start of a path that leads to the same place wherever the model is, or to another one with
each place where its server was started."""
_PATH = re.compile(r"\w*(file|prefix|pattern|path)\w*")
"""Names of an operation's inputs that are paths."""
_CARRIES = re.compile(
    r"Identity|Pack|ExpandDims|Reshape|Squeeze|StridedSlice|ConcatV2|ReadVariableOp"
    r"|\w*Dataset(V\d)?"
)
_TOLD = re.compile("Const|Placeholder(WithDefault)?")
"""A constant is looked at by itself; a placeholder is fed by the server, or by nobody."""
_KEEPS = re.compile(r"VarHandleOp|Variable(V2)?|\w*HashTable\w*")
"""What is made while a model is loaded and is there when it is asked."""
_OUTSIDE = re.compile(r"/|\w+://|(.*/)?\.\.(/|$)", re.DOTALL)
_FIRST_ARGUMENT = {"If": 1, "StatelessIf": 1, "Case": 1, "StatelessCase": 1}
"""Of operations that call functions: how many inputs are not for these."""
_TAKES_ARGUMENTS = re.compile("(Stateful)?PartitionedCall|(Stateless)?(If|While|Case)")

IsFile = Callable[[Any], bool]
"""Whether a node touches files."""


def fixed_paths(
    bodies: Iterable[Sequence[Any]], assets: Set[str], is_file: IsFile
) -> Iterator[tuple[str, Any]]:
    """Yields constants that read like a place on one machine, or that a file is read by, each as
    its text and its node, asset files aside: what servers put there is the asset's place in their
    own copy."""
    for body in bodies:
        named = {
            node_name(tensor)
            for node in body
            # Where variables are restored from is told by the server.
            if is_file(node) and not node.op.startswith("Restore")
            for tensor in node.input
        }
        for node in body:
            if node.op == "Const" and node.name not in assets:
                values = node.attr["value"].tensor.string_val
                if len(values) == 1 and (
                    _FIXED_PATH.match(values[0]) or (node.name in named and values[0])
                ):
                    yield values[0].decode("utf-8", "replace"), node


def outside_assets(asset_files: Iterable[Any]) -> Iterator[str]:
    """Yields names of assets that lead out of the model's folder."""
    for each in asset_files:
        if _OUTSIDE.match(each.filename):
            yield each.filename


def computed_paths(
    nodes: Sequence[Any], functions: Mapping[str, Any], is_file: IsFile
) -> Iterator[Any]:
    """Yields operations that make the path of a file which is read, rather than be told it.

    Args:
      nodes: of the graph, those that are run.
      functions: FunctionDef by name.
    """
    tracing = _Tracing(functions, is_file)
    tracing.follow(nodes, ())
    yield from tracing.found.values()


def told_places(
    loading: Sequence[Any],
    asked: Sequence[Any],
    places: Set[str],
    functions: Mapping[str, Any],
    is_file: IsFile,
) -> Iterator[Any]:
    """Yields variables and tables that answers are made of and that tell where the model lies: its
    place in a serving check is another one than in production.

    Args:
      loading: nodes of the graph that run while the model is loaded.
      asked: nodes of the graph that its signatures reach.
      places: nodes that servers feed with the place of an asset, or of the variables.
      functions: FunctionDef by name.
    """
    made = {node.name: node for node in loading}
    read = {_variable(node) for node in asked if _KEEPS.fullmatch(node.op)}
    for node in loading:
        given = [node_name(tensor) for tensor in node.input if not tensor.startswith("^")]
        kept = [made[name] for name in given if name in made and _KEEPS.fullmatch(made[name].op)]
        kept = [handle for handle in kept if _variable(handle) in read]
        if not kept or _reads(node, functions, is_file):
            continue
        if any(_comes_of(name, places, made, functions, is_file) for name in given):
            yield from kept


def _comes_of(
    value: str,
    places: Set[str],
    made: Mapping[str, Any],
    functions: Mapping[str, Any],
    is_file: IsFile,
) -> bool:
    """Whether a value is made of the place of a file, rather than of what is in it."""
    waiting, seen = [value], set[str]()
    while waiting:
        name = waiting.pop()
        if name in places:
            return True
        node = made.get(name)
        if name in seen or node is None or _reads(node, functions, is_file):
            continue
        seen.add(name)
        waiting += (node_name(tensor) for tensor in node.input if not tensor.startswith("^"))
    return False


def _reads(node: Any, functions: Mapping[str, Any], is_file: IsFile) -> bool:
    """Whether a node, or a function that it calls, has to do with what is in files."""
    waiting, seen = [node], set[str]()
    while waiting:
        each = waiting.pop()
        if is_file(each) or "Dataset" in each.op:
            return True
        names = [each.op, *(value.func.name for value in each.attr.values())]
        names += [func.name for value in each.attr.values() for func in value.list.func]
        for name in {*names} & {*functions} - seen:
            seen.add(name)
            waiting += functions[name].node_def
    return False


class _Tracing:
    """Follows paths from where files are read back to where they come from."""

    def __init__(self, functions: Mapping[str, Any], is_file: IsFile) -> None:
        self._functions, self._is_file = functions, is_file
        self._taken: dict[str, frozenset[int]] = {}
        self.found: dict[str, Any] = {}

    def follow(self, nodes: Sequence[Any], arguments: Sequence[str]) -> frozenset[int]:
        """Notes what makes a path, and returns the places of `arguments` that are paths."""
        made = {node.name: node for node in nodes}
        # A model that was loaded and saved again keeps the place of an asset in a variable.
        kept: dict[str, list[str]] = {}
        for node in nodes:
            if node.op == "AssignVariableOp" and node_name(node.input[0]) in made:
                kept.setdefault(_variable(made[node_name(node.input[0])]), []).append(node.input[1])
        waiting = [
            node_name(node.input[place])
            for node in nodes
            for place in self._paths_of(node)
            if place < len(node.input)
        ]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            node = made.get(name)
            if name in seen or node is None:
                seen.add(name)
                continue
            seen.add(name)
            if _CARRIES.fullmatch(node.op):
                waiting += (
                    node_name(tensor) for tensor in node.input if not tensor.startswith("^")
                )
            elif node.op == "VarHandleOp" and _variable(node) in kept:
                waiting += map(node_name, kept[_variable(node)])
            elif not _TOLD.fullmatch(node.op):
                self.found.setdefault(name, node)
        return frozenset(place for place, name in enumerate(arguments) if name in seen)

    def _paths_of(self, node: Any) -> Iterator[int]:
        """Places of the inputs of a node that are paths."""
        if self._is_file(node):
            definition = op_def_registry.get(node.op)
            for place, argument in enumerate(definition.input_arg if definition else ()):
                if _PATH.fullmatch(argument.name):
                    yield place
        first = _FIRST_ARGUMENT.get(node.op, 0)
        called = [node.op] if node.op in self._functions else []
        for value in node.attr.values():
            called += [value.func.name] if value.HasField("func") else []
            called += [each.name for each in value.list.func]
        for name in called:
            paths = self._arguments(name)
            if name == node.op or _TAKES_ARGUMENTS.fullmatch(node.op):
                yield from (first + place for place in paths)
            elif paths:  # Of a dataset, whose elements are the arguments.
                yield from range(len(node.input))

    def _arguments(self, name: str) -> frozenset[int]:
        """Places of a function's arguments that are paths."""
        if name not in self._taken and name in self._functions:
            self._taken[name] = frozenset()  # Should it call itself.
            function = self._functions[name]
            arguments = [argument.name for argument in function.signature.input_arg]
            self._taken[name] = self.follow(function.node_def, arguments)
        return self._taken.get(name, frozenset())


def _variable(handle: Any) -> str:
    """What two handles of one variable have in common."""
    shared: str = handle.attr["shared_name"].s.decode() if "shared_name" in handle.attr else ""
    return shared or str(handle.name)


def node_name(tensor: str) -> str:
    """Of the node whose output a tensor is, or that is waited for."""
    return tensor.removeprefix("^").partition(":")[0]
