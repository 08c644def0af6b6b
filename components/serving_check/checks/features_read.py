"""Which features of the tf.Examples that it is sent does a graph look for?

A model that was trained on some features and looks for another one when it is served answers
otherwise to whoever happens to send that, whatever it holds: nobody can ask about all it may hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tensorflow.python.framework import op_def_registry

from components.serving_check.checks.files_read import node_name

_KEYS = "_keys"
"""How the inputs and attributes of operations end that name features,
tensorflow/core/ops/parsing_ops.cc."""


def features_read(bodies: Iterable[Sequence[Any]]) -> Iterator[tuple[str, Any]]:
    """Yields the name of each feature that an operation looks for, and its node.

    Args:
      bodies: the nodes of the graph and of each function that it calls.
    """
    for body in bodies:
        constants = {node.name: node for node in body if node.op == "Const"}
        for node in body:
            if not node.op.startswith("Parse"):
                continue
            for value in (*_inputs(node, constants), *_attributes(node)):
                yield value.decode("utf-8", "replace"), node


def _inputs(node: Any, constants: Any) -> Iterator[bytes]:
    definition = op_def_registry.get(node.op)
    place = 0
    for argument in definition.input_arg if definition else ():
        width = 1
        if argument.number_attr:
            width = node.attr[argument.number_attr].i
        elif argument.type_list_attr:
            width = len(node.attr[argument.type_list_attr].list.type)
        if argument.name.endswith(_KEYS):
            for tensor in node.input[place : place + width]:
                if node_name(tensor) in constants:
                    yield from constants[node_name(tensor)].attr["value"].tensor.string_val
        place += width


def _attributes(node: Any) -> Iterator[bytes]:
    for name, value in node.attr.items():
        if name.endswith(_KEYS):
            yield from value.list.s
