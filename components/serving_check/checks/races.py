"""Do two operations of one request use the same thing in no order?

A TensorArray, a stack or an iterator lives as long as one request, whose operations run in any
order that their inputs leave open. Where one changes what another one uses, and neither waits for
the other, an answer depends on how busy the machine is; and where they belong to two outputs, it is
another one for whoever asks for one of these alone. So does a Merge that takes whichever input is
there first (tensorflow/core/common_runtime/executor.cc), and a dataset that may hand on what is
done first rather than what comes first (tensorflow/core/kernels/data/parallel_map_dataset_op.cc).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tensorflow.core.framework.dataset_options_pb2 import Options

from components.serving_check.checks.files_read import node_name

_READS = re.compile(r"TensorArray(Read|Gather|Concat|Pack|Size|Grad\w*)(V2|V3)?")
"""What leaves it as it is, or has one of its own; all else that is given it may change it."""
_USES = re.compile(rf"{_READS.pattern}|TensorArray\w+|Stack(Push|Pop|Close)\w*|\w*Iterator\w*")
_OF_ITS_OWN = re.compile("TensorArray(V2|V3)?|AnonymousIterator(V2|V3)?")
"""They make one, and are given none."""
_PLACES = {"MakeIterator": 1}
"""Which input is what they use, where it is not the first."""
_HANDS_ON = re.compile("Identity|(Ref)?(Enter|Exit|Switch|Merge|NextIteration)")
_MERGE, _SWITCH = re.compile("(Ref)?Merge"), re.compile("(Ref)?Switch")
_NEXT_ROUND = re.compile("(Ref)?NextIteration")
_TOLD_SLOPPY = re.compile("(Experimental)?ParallelInterleaveDataset")
_SLOPPY = -3
"""Which of their inputs tells whether order matters."""
_TRUE = ("1", "output_true:0")
"""The output of a Switch that is there where its condition is true."""

_Nodes = Mapping[str, Any]


def races(bodies: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """Yields operations that change what others use in no order with them, and those that take
    whichever input is there first.

    Args:
      bodies: the nodes of the graph and of each function that it calls.
    """
    for body in bodies:
        nodes = {node.name: node for node in body}
        yield from _unordered(nodes)
        yield from filter(lambda node: _takes_the_first(node, nodes), body)
        yield from filter(lambda node: _in_any_order(node, nodes), body)


def _unordered(nodes: _Nodes) -> Iterator[Any]:
    held = {
        _source(_inputs(node)[_PLACES.get(node.op, 0)], nodes)
        for node in nodes.values()
        if _USES.fullmatch(node.op) and not _OF_ITS_OWN.fullmatch(node.op)
    }
    if not held:
        return
    users: dict[str, dict[str, Any]] = {}
    for node in nodes.values():
        for tensor in () if _HANDS_ON.fullmatch(node.op) else _inputs(node):
            if (source := _source(tensor, nodes)) in held:
                users.setdefault(source, {})[node.name] = node
    after: dict[str, list[str]] = {}
    for node in nodes.values():
        for tensor in node.input:
            after.setdefault(node_name(tensor), []).append(node.name)
    for using in users.values():
        later = {name: _reached(name, after) for name in using}
        for name, node in using.items():
            others = (other for other in using if other not in later[name] and other != name)
            if not _READS.fullmatch(node.op) and any(name not in later[other] for other in others):
                yield node


def _takes_the_first(node: Any, nodes: _Nodes) -> bool:
    """Whether a node is a Merge two of whose inputs can be there at once."""
    if not _MERGE.fullmatch(node.op):
        return False
    inputs = [tensor for tensor in _inputs(node) if node_name(tensor) in nodes]
    # In a loop one of them comes once, and the other one in later rounds.
    if any(_NEXT_ROUND.fullmatch(nodes[node_name(tensor)].op) for tensor in inputs):
        return False
    needed = [_needed(tensor, nodes) for tensor in inputs]
    return not all(
        any((condition, not value) in other for condition, value in one)
        for place, one in enumerate(needed)
        for other in needed[:place]
    )


def _in_any_order(node: Any, nodes: _Nodes) -> bool:
    """Whether a dataset need not keep to the order of its elements."""
    if "Dataset" not in node.op:
        return False
    if node.op == "OptionsDataset":
        told = Options.FromString(node.attr["serialized_options"].s)
        return told.HasField("deterministic") and not told.deterministic
    # Looking an absent attribute up would create it.
    if "deterministic" in node.attr and node.attr["deterministic"].s == b"false":
        return True
    if "sloppy" in node.attr and node.attr["sloppy"].b:
        return True
    # Older ones are told by an input, which tells nothing where it is computed.
    said = nodes.get(node_name(_inputs(node)[_SLOPPY])) if _TOLD_SLOPPY.fullmatch(node.op) else None
    return said is not None and (said.op != "Const" or any(said.attr["value"].tensor.bool_val))


def _needed(tensor: str, nodes: _Nodes) -> set[tuple[str, bool]]:
    """What each condition has to be for a tensor to be there."""
    found = set()
    waiting, seen = [tensor], {tensor}
    while waiting:
        name, _, output = waiting.pop().removeprefix("^").partition(":")
        if name not in nodes:
            continue
        if _SWITCH.fullmatch(nodes[name].op):
            found.add((_source(nodes[name].input[1], nodes), output in _TRUE))
        new = {*nodes[name].input} - seen
        seen |= new
        waiting += new
    return found


def _source(tensor: str, nodes: _Nodes) -> str:
    """Which node made what is handed on."""
    name, seen = node_name(tensor), set()
    while name in nodes and name not in seen and _HANDS_ON.fullmatch(nodes[name].op):
        seen.add(name)
        name = node_name(nodes[name].input[0])
    return name


def _inputs(node: Any) -> list[str]:
    """Without what is only waited for."""
    return [tensor for tensor in node.input if not tensor.startswith("^")]


def _reached(name: str, after: Mapping[str, Sequence[str]]) -> set[str]:
    """Names of the nodes that wait for a node, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = {*after.get(waiting.pop(), ())} - found
        found |= new
        waiting += new
    return found
