"""Strings that stay in a session: they go in at once, and come out some at a time.

TensorFlow takes 24 bytes for a string, and Python forty more. So what is fed is let go before the
model runs, and what a run gives is read only as it is written.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np
from tensorflow.core.framework import graph_pb2, tensor_pb2, types_pb2
from tensorflow.core.protobuf import config_pb2
from tensorflow.python.framework import errors_impl, importer

from serving.server import heap
from serving.server.messages import tensor_proto
from serving.server.signature import DataType
from serving.server.tensors import protobuf, texts
from serving.server.tensors.texts import Array, Tensor, Texts

_CONTENT = tensor_pb2.TensorProto.TENSOR_CONTENT_FIELD_NUMBER
_STRING, _INT32, _INT64 = types_pb2.DT_STRING, types_pb2.DT_INT32, types_pb2.DT_INT64
_BLOCK = 1 << 14
"""Strings that are read at a time."""


class TextStore:
    """Adds the ops that this takes to a graph, as they are needed."""

    def __init__(self, graph: Any, session: Any, lock: Any) -> None:
        """Nothing is added yet.

        Args:
          graph: of a model.
          session: of the graph.
          lock: held while the graph is changed; a thread may take it twice.
        """
        self._graph = graph
        self._session = session
        self._lock = lock
        self._sources: dict[str, tuple[str, str, str]] = {}
        self._sinks: dict[str, str] = {}
        self._ops: _Ops | None = None

    def are_texts(self, tensor: str) -> bool:
        """Whether a tensor of the graph holds strings."""
        return bool(self._graph.get_tensor_by_name(tensor).dtype == _STRING)

    def source(self, tensor: str) -> tuple[str, str, str]:
        """What to feed with a handle instead of a tensor, what to connect with it, and what to run
        so that the strings go as soon as the model does not need them any more."""
        if tensor not in self._sources:
            part = graph_pb2.GraphDef()
            part.node.add(name="handle", op="Placeholder").attr["dtype"].type = _STRING
            _node(part, "stored", "GetSessionTensor", ["handle"], dtype=_STRING)
            _node(part, "forget", "DeleteSessionTensor", ["handle", "^stored"])
            source, stored, forget = _add(self._graph, part, ["handle:0", "stored:0", "forget"])
            self._sources[tensor] = source, stored, forget
        return self._sources[tensor]

    def sink(self, tensor: str) -> str:
        """What to fetch instead of a tensor: the handle that `stored` takes."""
        if tensor not in self._sinks:
            part = graph_pb2.GraphDef()
            _node(part, "handle", "GetSessionHandle", ["x"], T=_STRING)
            given = {"x:0": self._graph.get_tensor_by_name(tensor)}
            [self._sinks[tensor]] = _add(self._graph, part, ["handle:0"], given)
        return self._sinks[tensor]

    @contextlib.contextmanager
    def put_all(self, feeds: MutableMapping[str, Tensor]) -> Iterator[dict[str, Any]]:
        """Within the block, the strings of all that is fed are in the session.

        Args:
          feeds: by tensor name; used up, and its strings too.

        Yields:
          the handles of strings, and the other arrays, by tensor name. No two names have one handle
          unless one array was fed twice.
        """
        given: dict[str, Any] = {}
        handles: dict[int, Array] = {}
        for name in [name for name in feeds if self.are_texts(name)]:
            # Signatures of several tasks take the same examples.
            same = id(feeds[name])
            if same not in handles:
                handles[same] = self._put(_feedable(feeds[name]))
            given[name] = handles[same]
        given = {name: given.get(name, value) for name, value in feeds.items()}
        feeds.clear()  # Only now: a new array could take the place of one that is gone.
        heap.trim()
        try:
            yield given
        finally:
            for handle in handles.values():
                _forget(self._all_ops(), handle)

    def stored(self, handle: bytes) -> Texts:
        """The strings of which a run gave the handle; they are let go with what is returned."""
        held = _Held(self._all_ops(), np.array(handle, np.object_))
        [shape] = held.ops.shape(held.handle)
        return StoredTexts(tuple(shape.tolist()), held, 0)

    def _put(self, value: tuple[Array, bool]) -> Array:
        array, is_message = value
        ops = self._all_ops()
        [handle] = (ops.parse if is_message else ops.put)(array)
        return np.array(handle, np.object_)

    def _all_ops(self) -> _Ops:
        with self._lock:
            if self._ops is None:
                self._ops = _Ops(self._graph, self._session)
            return self._ops


class _Ops:
    """Calls on the strings of a session."""

    def __init__(self, graph: Any, session: Any) -> None:
        part = graph_pb2.GraphDef()
        for name, dtype in (("in", _STRING), ("handle", _STRING), ("begin", _INT32),
                            ("count", _INT32)):  # fmt: skip
            part.node.add(name=name, op="Placeholder").attr["dtype"].type = dtype
        _node(part, "put", "GetSessionHandle", ["in"], T=_STRING)
        _node(part, "message", "ParseTensor", ["in"], out_type=_STRING)
        _node(part, "parse", "GetSessionHandle", ["message"], T=_STRING)
        _node(part, "stored", "GetSessionTensor", ["handle"], dtype=_STRING)
        _node(part, "shape", "Shape", ["stored"], T=_STRING, out_type=_INT64)
        _constant(part, "line", [-1])
        _constant(part, "first", [0])
        _node(part, "flat", "Reshape", ["stored", "line"], T=_STRING, Tshape=_INT32)
        _node(part, "block", "Slice", ["flat", "begin", "count"], T=_STRING, Index=_INT32)
        _node(part, "data", "ReduceJoin", ["block", "first"])
        _node(part, "lengths", "StringLength", ["block"])
        _node(part, "forget", "DeleteSessionTensor", ["handle"])
        wanted = ["in:0", "handle:0", "begin:0", "count:0", "put:0", "parse:0", "shape:0", "data:0",
                  "lengths:0", "forget"]  # fmt: skip
        given, handle, begin, count, put, parse, shape, data, lengths, forget = _add(
            graph, part, wanted
        )
        self._session = session
        self.put = self._callable([given], [put])
        self.parse = self._callable([given], [parse])
        self.shape = self._callable([handle], [shape])
        self.read = self._callable([handle, begin, count], [data, lengths])
        self.forget = self._callable([handle], [], [forget])

    def _callable(self, feed: list[str], fetch: list[str], target: Sequence[str] = ()) -> Any:
        options = config_pb2.CallableOptions(feed=feed, fetch=fetch, target=target)
        return self._session._make_callable_from_options(options)


class _Held:
    """A tensor in a session, until nothing refers to it any more."""

    def __init__(self, ops: _Ops, handle: Array) -> None:
        self.ops = ops
        self.handle = handle
        weakref.finalize(self, _forget, ops, handle).atexit = False


def _forget(ops: _Ops, handle: Array) -> None:
    # A run has forgotten it already, or the session was closed.
    with contextlib.suppress(RuntimeError, errors_impl.OpError):
        ops.forget(handle)


class StoredTexts(Texts):
    """Strings in a session, which are read some at a time."""

    def __init__(self, shape: tuple[int, ...], held: _Held, first: int) -> None:
        super().__init__(shape, np.empty(0, np.uint32), b"")
        self._held = held
        self._first = first

    def block(self, start: int, stop: int) -> Texts:
        begin, count = (np.array([x], np.int32) for x in (self._first + start, stop - start))
        data, lengths = self._held.ops.read(self._held.handle, begin, count)
        return Texts((stop - start,), np.cumsum(lengths, dtype=np.uint32), data)

    def part(self, start: int, shape: tuple[int, ...]) -> Texts:
        return StoredTexts(shape, self._held, self._first + start)


def _feedable(value: Tensor) -> tuple[Array, bool]:
    """Strings as an array that a graph takes, and whether that is a serialized message."""
    strings = texts.packed(value)
    fixed = strings.fixed_width()
    fed = (_serialized(strings), True) if fixed is None else (fixed, False)
    strings.release()
    return fed


def _serialized(strings: Texts) -> Array:
    content = protobuf.parts(_CONTENT, strings.content())
    head = tensor_proto.head(DataType.STRING, strings.shape)
    return np.array(b"".join((head, *content)), np.object_)


def _add(
    graph: Any, part: graph_pb2.GraphDef, wanted: list[str], given: dict[str, Any] | None = None
) -> list[str]:
    """Adds a part to a graph; the names that what is wanted of it got."""
    with graph.as_default():
        added = importer.import_graph_def(
            part, name="texts", input_map=given, return_elements=wanted
        )
    return [element.name for element in added]


def _node(part: graph_pb2.GraphDef, name: str, op: str, inputs: list[str], **types: int) -> None:
    made = part.node.add(name=name, op=op, input=inputs)
    for attribute, dtype in types.items():
        made.attr[attribute].type = dtype


def _constant(part: graph_pb2.GraphDef, name: str, values: list[int]) -> None:
    made = part.node.add(name=name, op="Const")
    made.attr["dtype"].type = _INT32
    made.attr["value"].tensor.dtype = _INT32
    made.attr["value"].tensor.tensor_shape.dim.add().size = len(values)
    made.attr["value"].tensor.int_val.extend(values)
