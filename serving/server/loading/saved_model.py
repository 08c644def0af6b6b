"""Loads a SavedModel the way the C++ server does: a graph and a session, nothing eager.

A model can load eagerly in Python and still fail under the loader of TensorFlow Serving
(tensorflow/cc/saved_model/loader.cc), so this module follows that loader step by step.
"""

from __future__ import annotations

import functools
import math
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
from tensorflow.core.framework import graph_pb2
from tensorflow.core.protobuf import config_pb2, meta_graph_pb2
from tensorflow.python.client import session as tf_session
from tensorflow.python.framework import errors_impl, importer, ops

from documents.saved_model import VARIABLES
from serving.server import heap
from serving.server.loading import calling_thread, checkpoint, file_system, meta_graphs
from serving.server.loading.text_store import TextStore
from serving.server.status import Code, StatusError
from serving.server.tensors import texts
from serving.server.tensors.texts import Tensor

SERVE_TAG = "serve"
_VARIABLE_OPS = frozenset(("VarHandleOp", "VariableV2", "Variable"))
_MAX_CALLABLES = 64
"""Each choice of outputs needs a callable, and clients choose; the oldest goes for a new one."""


class SavedModel:
    """A loaded SavedModel: its signatures, and running them from any number of threads."""

    def __init__(
        self,
        path: str,
        *,
        timeout_ms: int = 0,
        tags: Collection[str] = (SERVE_TAG,),
        parallelism: tuple[int, int] = (0, 0),
        config: config_pb2.ConfigProto | None = None,
    ) -> None:
        """Loads the graph, restores its variables and runs its init op.

        Args:
          path: folder of the version.
          timeout_ms: how long one run may take before DEADLINE_EXCEEDED; 0 for as long as it takes.
          tags: of the meta graph to load, all of them and no others.
          parallelism: threads for one op, and for several; 0 for as many as there are cores, or as
            `config` says.
          config: of the session; None for TensorFlow's own.

        Raises:
          StatusError: with the code of the C++ loader. One case is stricter: a graph with variables
            but no variables index loads there, and then every predict fails.
        """
        meta_graph = meta_graphs.read(path, frozenset(tags))
        self.signature_defs: Mapping[str, Any] = dict(meta_graph.signature_def)
        self.signatures = meta_graphs.signatures(meta_graph)
        in_place = (
            config is None and not any(parallelism) and calling_thread.suits(meta_graph.graph_def)
        )
        self._run_options = config_pb2.RunOptions(
            timeout_in_ms=timeout_ms, inter_op_thread_pool=-1 if in_place else 0
        )
        self._longest = timeout_ms / 1e3 if in_place and timeout_ms else math.inf
        self._graph = ops.Graph()
        self._callables: dict[tuple[str, ...], Any] = {}
        self._lock = threading.RLock()
        _demand_variables(path, meta_graph)
        try:
            with self._graph.as_default():
                importer.import_graph_def(meta_graph.graph_def, name="")
            self._session = tf_session.Session(
                graph=self._graph, config=_session_config(config, *parallelism)
            )
            _restore(self._session, path, meta_graph)
            self._texts = TextStore(self._graph, self._session, self._lock)
        except errors_impl.OpError as error:
            raise _status_error(error) from error
        except ValueError as error:  # Python's word for a graph that the runtime refuses.
            raise StatusError(Code.INVALID_ARGUMENT, str(error)) from error

    def run(self, feeds: MutableMapping[str, Tensor], fetches: Sequence[str]) -> list[Tensor]:
        """Runs the graph.

        Args:
          feeds: arrays by tensor name, of the types of the graph; strings as bytes objects, or
            packed. They are used up. Of many, the strings of the answer stay in the session until
            they are read.
          fetches: tensor names.

        Raises:
          StatusError: with the code and text of the kernel that failed.
        """
        run = self._run_stored if texts.are_many_short(feeds) else self._run
        return run(feeds, fetches)

    def _run(self, feeds: MutableMapping[str, Tensor], fetches: Sequence[str]) -> list[Tensor]:
        key = (*feeds, "", *fetches)
        runner = self._callables.get(key) or self._make_callable(
            key, lambda: config_pb2.CallableOptions(feed=list(feeds), fetch=list(fetches))
        )
        given = [texts.unpacked(feeds.pop(name)) for name in key[: len(feeds)]]
        large = sum([array.nbytes for array in given]) >= heap.LARGE_BYTES
        fetched = self._call_in_time(runner, given)
        given.clear()
        if large:
            _let_go()
        # A scalar string comes as a bytes object.
        return [np.array(x, np.object_) if isinstance(x, bytes) else x for x in fetched]

    def _run_stored(
        self, feeds: MutableMapping[str, Tensor], fetches: Sequence[str]
    ) -> list[Tensor]:
        """With strings that are in the session before the run, and stay there after it."""
        store = self._texts
        names = tuple(feeds)
        shared = len(set(map(id, feeds.values()))) < len(names)
        key = (*names, "", *fetches, "", "stored", str(shared))

        def options() -> config_pb2.CallableOptions:
            made = config_pb2.CallableOptions()
            for name in names:
                if store.are_texts(name):
                    source, stored, forget = store.source(name)
                    made.feed.append(source)
                    made.tensor_connection.add(from_tensor=stored, to_tensor=name)
                    if not shared:
                        made.target.append(forget)
                else:
                    made.feed.append(name)
            made.fetch.extend(store.sink(x) if store.are_texts(x) else x for x in fetches)
            return made

        runner = self._callables.get(key) or self._make_callable(key, options)
        with store.put_all(feeds) as given:
            fetched = self._call_in_time(runner, (given.pop(name) for name in names))
        return [
            store.stored(x) if store.are_texts(name) else x
            for name, x in zip(fetches, fetched, strict=True)
        ]

    def _make_callable(
        self, key: tuple[str, ...], options: Callable[[], config_pb2.CallableOptions]
    ) -> Any:
        with self._lock:
            if key not in self._callables:
                if len(self._callables) >= _MAX_CALLABLES:
                    # Freed as soon as it does not run any more.
                    del self._callables[next(iter(self._callables))]
                try:
                    made = options()
                    made.run_options.CopyFrom(self._run_options)
                    self._callables[key] = self._session._make_callable_from_options(made)
                except errors_impl.OpError as error:
                    raise _status_error(error) from error
            return self._callables[key]

    def _call_in_time(self, runner: Any, values: Iterable[Any]) -> list[Any]:
        """Calls; on the calling thread TensorFlow does not look at the time."""
        start = time.monotonic()
        found = _call(runner, values)
        if time.monotonic() - start > self._longest:
            raise StatusError(Code.DEADLINE_EXCEEDED, "Timed out waiting for notification")
        return found

    def close(self) -> None:
        """Frees the session; nothing may be running."""
        self._callables.clear()
        self._session.close()


def _call(runner: Any, values: Iterable[Any]) -> list[Any]:
    try:
        found: list[Any] = runner(*values)
        return found
    except errors_impl.OpError as error:
        raise _status_error(error) from error
    except UnicodeDecodeError as error:  # What a kernel says has bytes of the request in it.
        message = error.object.decode("utf-8", "replace")
        raise StatusError(Code.INVALID_ARGUMENT, message) from error
    except (ValueError, TypeError) as error:  # An array that does not become a tensor.
        raise StatusError(Code.INVALID_ARGUMENT, str(error)) from error


def _let_go() -> None:
    """Has TensorFlow let go of arrays that it was fed, which it holds until the next call of any
    session (DelayedNumpyDecref in python/lib/core/ndarray_tensor_bridge.cc)."""
    _idle_session().run("nothing")


@functools.cache
def _idle_session() -> Any:
    graph = ops.Graph()
    with graph.as_default():
        importer.import_graph_def(_NOTHING, name="")
    return tf_session.Session(graph=graph)


_NOTHING = graph_pb2.GraphDef()
_NOTHING.node.add(name="nothing", op="NoOp")
heap.before_trim(_let_go)


def _session_config(
    given: config_pb2.ConfigProto | None, for_one_op: int, for_several: int
) -> config_pb2.ConfigProto:
    config = config_pb2.ConfigProto()
    if given is not None:
        config.CopyFrom(given)
    if for_one_op or for_several:
        config.intra_op_parallelism_threads = for_one_op
        config.inter_op_parallelism_threads = for_several
    # Threads that spin while they wait for work burn as much CPU as a small model takes.
    config.experimental.disable_thread_spinning = True
    return config


def _demand_variables(path: str, meta_graph: meta_graph_pb2.MetaGraphDef) -> None:
    """Asked before the graph is imported, which a half-copied version is not worth."""
    prefix = os.path.join(path, VARIABLES, VARIABLES)
    if file_system.exists(f"{prefix}.index"):
        if meta_graph.saver_def.restore_op_name:
            checkpoint.demand_whole(prefix)
    elif any(node.op in _VARIABLE_OPS for node in meta_graph.graph_def.node):
        raise StatusError(Code.NOT_FOUND, f"The model has variables, but {prefix}.index is missing")


def _restore(session: Any, path: str, meta_graph: meta_graph_pb2.MetaGraphDef) -> None:
    assets = meta_graphs.asset_feeds(path, meta_graph)
    saver = meta_graph.saver_def
    prefix = os.path.join(path, VARIABLES, VARIABLES)
    if saver.restore_op_name and file_system.exists(f"{prefix}.index"):
        feeds = {saver.filename_tensor_name: prefix, **assets}
        session.run(saver.restore_op_name, feeds)
    init_op = meta_graphs.init_op(meta_graph, path)
    if init_op:
        session.run(init_op, assets)


def _status_error(error: errors_impl.OpError) -> StatusError:
    # Python's session says "Graph execution error:" first, and where the graph was built; what
    # TensorFlow said, which is all that upstream's server says, it had in hand.
    said = error.__context__ if isinstance(error.__context__, errors_impl.OpError) else error
    return StatusError(Code(error.error_code), said.message)
