"""Is the state of a random generator used for anything but random numbers?

A generator counts what was drawn of it, in a variable. As a counter of requests that is a memory:
a model can be wrong from its millionth request on. What only draws of it is left to chance, which
the answers show. `tf.random.Generator` takes a key and a counter out of the state in one step, cuts
them apart and hands them to an operation that draws (tensorflow/python/ops/random_ops_util.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tensorflow.core.framework import types_pb2

_TAKES = "RngReadAndSkip"
_CARRIES = re.compile("StridedSlice|Slice|Reshape|Identity|Cast|Bitcast|Pack|ConcatV2|ExpandDims")
_DRAWS = re.compile(r"Stateless\w+")
_GENERATORS = re.compile(r"RngReadAndSkip|Stateful(Uniform|StandardN|TruncatedN|RandomB)\w+")


def counting(bodies: Sequence[Sequence[Any]]) -> Iterator[Any]:
    """Yields the operations that make something else of a generator's state.

    Args:
      bodies: the nodes of the graph and of each function that it calls.
    """
    if not any(_GENERATORS.fullmatch(node.op) for body in bodies for node in body):
        return
    for body in bodies:
        carried = {node.name for node in body if node.op == _TAKES}
        # Nodes stand in any order, so again until there are no more.
        while more := {
            node.name
            for node in body
            if node.name not in carried and _CARRIES.fullmatch(node.op) and _reads(node, carried)
        }:
            carried |= more
        for node in body:
            reads = node.name not in carried and _reads(node, carried)
            if (reads and not _DRAWS.fullmatch(node.op)) or _reads_state(node):
                yield node


def _reads(node: Any, carried: set[str]) -> bool:
    return any(each.partition(":")[0] in carried for each in node.input)


def _reads_state(node: Any) -> bool:
    """Whether it reads a variable of the type that a generator's has."""
    kind: int = node.attr["dtype"].type
    return str(node.op) == "ReadVariableOp" and kind == types_pb2.DT_INT64
