"""Ops beside a graph by which many strings go in and come out in one piece."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from tensorflow.core.framework import graph_pb2, tensor_pb2, types_pb2
from tensorflow.python.framework import importer

from serving.server import tensor_proto, wire
from serving.server.signature import DataType
from serving.server.texts import Array, Texts

_CONTENT = tensor_pb2.TensorProto.TENSOR_CONTENT_FIELD_NUMBER


class TextOps:
    """Adds the ops to a graph as they are needed; only one thread at a time may call it."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._inputs: dict[str, tuple[str, str]] = {}
        self._outputs: dict[str, list[str]] = {}

    def are_texts(self, tensor: str) -> bool:
        """Whether a tensor of the graph holds strings."""
        return self._graph.get_tensor_by_name(tensor).dtype == types_pb2.DT_STRING

    def source(self, tensor: str) -> tuple[str, str]:
        """What to feed with `serialized` instead of a tensor, and what to connect with it."""
        if tensor not in self._inputs:
            part = graph_pb2.GraphDef()
            part.node.add(name="in", op="Placeholder").attr["dtype"].type = types_pb2.DT_STRING
            parse = part.node.add(name="parse", op="ParseTensor", input=["in"])
            parse.attr["out_type"].type = types_pb2.DT_STRING
            source, parsed = self._add(part, ["in:0", "parse:0"])
            self._inputs[tensor] = source, parsed
        return self._inputs[tensor]

    def sinks(self, tensor: str) -> list[str]:
        """What to fetch instead of a tensor: what `texts_of` takes."""
        if tensor not in self._outputs:
            part = graph_pb2.GraphDef()
            _constant(part, "line", [-1])
            _constant(part, "first", [0])
            _node(part, "flat", "Reshape", ["x", "line"], T=types_pb2.DT_STRING,
                  Tshape=types_pb2.DT_INT32)  # fmt: skip
            _node(part, "data", "ReduceJoin", ["flat", "first"])
            _node(part, "lengths", "StringLength", ["flat"])
            _node(part, "shape", "Shape", ["x"], T=types_pb2.DT_STRING,
                  out_type=types_pb2.DT_INT64)  # fmt: skip
            given = {"x:0": self._graph.get_tensor_by_name(tensor)}
            self._outputs[tensor] = self._add(part, ["data:0", "lengths:0", "shape:0"], given)
        return self._outputs[tensor]

    def _add(
        self, part: graph_pb2.GraphDef, wanted: list[str], given: dict[str, Any] | None = None
    ) -> list[str]:
        """The names that the wanted tensors got."""
        with self._graph.as_default():
            added = importer.import_graph_def(
                part, name="texts", input_map=given, return_elements=wanted
            )
        return [tensor.name for tensor in added]


def _node(part: graph_pb2.GraphDef, name: str, op: str, inputs: list[str], **types: int) -> None:
    made = part.node.add(name=name, op=op, input=inputs)
    for attribute, dtype in types.items():
        made.attr[attribute].type = dtype


def _constant(part: graph_pb2.GraphDef, name: str, values: list[int]) -> None:
    made = part.node.add(name=name, op="Const")
    made.attr["dtype"].type = types_pb2.DT_INT32
    made.attr["value"].tensor.dtype = types_pb2.DT_INT32
    made.attr["value"].tensor.tensor_shape.dim.add().size = len(values)
    made.attr["value"].tensor.int_val.extend(values)


def serialized(texts: Texts) -> Array:
    """A serialized TensorProto, as the scalar that a graph takes."""
    content = wire.parts(_CONTENT, texts.content())
    head = tensor_proto.head(DataType.STRING, texts.shape)
    return np.array(b"".join((head, *content)), np.object_)


def texts_of(fetched: Iterator[Any]) -> Texts:
    """The next texts of what was fetched from `sinks`."""
    data, lengths, shape = itertools.islice(fetched, 3)
    ends = np.cumsum(lengths, dtype=np.uint32)
    return Texts(tuple(shape.tolist()), ends, data)
