"""The real model with its graph open, so that a few lines make a wrong one of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from components.serving_check.candidate import link_or_copy
from tests import fashion_mnist as features

SERVING_DEFAULT, IMAGE_BYTES, EXAMPLES = "serving_default", "image_bytes", "examples"
EVERY = (SERVING_DEFAULT, IMAGE_BYTES, EXAMPLES)
NAMED = (IMAGE_BYTES, EXAMPLES)
"""The signatures that answer labels."""

Tensors = Mapping[str, tf.Tensor]
Change = Callable[[tf.Tensor], tf.Tensor]

_INIT_OP = "__saved_model_init_op"


class Surgery:
    """A copy of a SavedModel that is changed as a graph, which is what model servers load.

    Retracing the model takes seconds; adding operations to its graph takes a tenth of one.
    """

    def __init__(self, real: Path, copy: Path) -> None:
        """Copies the folder `real` of a SavedModel to `copy`."""
        shutil.copytree(real, copy, copy_function=link_or_copy)
        self.real = real
        self.folder = copy
        self.proto = saved_model_pb2.SavedModel.FromString((copy / "saved_model.pb").read_bytes())
        # It describes the graph as it was, for Python only.
        self.meta_graph.ClearField("object_graph_def")
        self._graph: tf.Graph | None = None
        self._at_load: list[tf.Operation] = []
        self._last: list[Callable[[Path], object]] = []

    @property
    def meta_graph(self) -> Any:
        """The MetaGraphDef; functions and nodes may be edited until the graph is first used."""
        return self.proto.meta_graphs[0]

    @property
    def signatures(self) -> Any:
        """SignatureDef by name."""
        return self.meta_graph.signature_def

    @property
    def nodes(self) -> Iterable[Any]:
        """Every NodeDef, those of functions too."""
        yield from self.meta_graph.graph_def.node
        for function in self.meta_graph.graph_def.library.function:
            yield from function.node_def

    @property
    def graph(self) -> tf.Graph:
        """The graph, imported when it is first asked for."""
        if self._graph is None:
            self._graph = tf.Graph()
            with self._graph.as_default():
                tf.graph_util.import_graph_def(self.meta_graph.graph_def, name="")
        return self._graph

    # What clients send and get.

    def inputs(
        self, change: Change, signatures: Iterable[str] = EVERY, *, key: str | None = None
    ) -> None:
        """Has the model see `change(what the client sent)` under `key`, or the only input."""
        for name in signatures:
            inputs = self.signatures[name].inputs
            [info] = [inputs[key]] if key else inputs.values()
            with self.graph.as_default():
                sent = self.graph.get_tensor_by_name(info.name)
                readers = list(sent.consumers())
                changed = change(sent)
            for reader in readers:
                for index, each in enumerate(reader.inputs):
                    if each is sent:
                        reader._update_input(index, changed)

    def answers(
        self, change: Callable[[Tensors], Tensors], signatures: Iterable[str] = EVERY
    ) -> None:
        """Has clients get `change(the model's outputs)`; outputs may come and go."""
        for name in signatures:
            outputs = self.signatures[name].outputs
            with self.graph.as_default():
                found = {k: self.graph.get_tensor_by_name(v.name) for k, v in outputs.items()}
                changed = dict(change(found))
            for key in set(outputs) - set(changed):
                del outputs[key]
            for key, tensor in changed.items():
                outputs[key].CopyFrom(tensor_info(tensor))

    def probabilities(
        self, change: Change, signatures: Iterable[str] = EVERY, *, alone: bool = False
    ) -> None:
        """Changes the probabilities, and what follows from them unless `alone`."""

        def changed(answer: Tensors) -> Tensors:
            probabilities = change(answer["probabilities"])
            if alone:
                return {**answer, "probabilities": probabilities}
            return {**answer, **following(probabilities, answer)}

        self.answers(changed, signatures)

    def output(self, key: str, change: Change, signatures: Iterable[str] = EVERY) -> None:
        """Changes one output wherever a signature has it."""
        with_it = [name for name in signatures if key in self.signatures[name].outputs]
        self.answers(lambda answer: {**answer, key: change(answer[key])}, with_it)

    # What the model keeps.

    def variable(self, name: str, value: Any) -> tf.Tensor:
        """A new variable's resource: int32 or, unless a scalar, float32; the init op sets it."""
        start = np.asarray(value, np.float32 if np.ndim(value) else np.int32)
        with self.graph.as_default():
            handle = tf.raw_ops.VarHandleOp(
                dtype=tf.as_dtype(start.dtype), shape=start.shape, shared_name=name, name=name
            )
            self.at_load(tf.raw_ops.AssignVariableOp(resource=handle, value=start))
        return handle

    def at_load(self, operation: tf.Operation) -> None:
        """Runs the operation when the model is loaded, after the variables were restored."""
        self._at_load.append(operation)

    def weights(self, change: Callable[[str, NDArray[Any]], NDArray[Any]]) -> None:
        """Writes the variables' files again, each value changed by name and value."""
        prefix = str(self.folder / "variables" / "variables")
        reader = tf.train.load_checkpoint(prefix)
        names = sorted(reader.get_variable_to_shape_map())
        values = [reader.get_tensor(name) for name in names]
        changed = [
            value if value.dtype == object else np.asarray(change(name, value), value.dtype)
            for name, value in zip(names, map(np.asarray, values), strict=True)
        ]
        shutil.rmtree(self.folder / "variables")
        (self.folder / "variables").mkdir()
        tensors = [
            tf.constant(value.tolist() if value.dtype == object else value) for value in changed
        ]
        tf.raw_ops.SaveV2(
            prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names), tensors=tensors
        )

    # The file.

    def last(self, change: Callable[[Path], object]) -> None:
        """Does something with the finished folder."""
        self._last.append(change)

    def save(self) -> None:
        """Writes the graph."""
        if self._graph is not None:
            if self._at_load:
                with self._graph.as_default(), tf.control_dependencies(self._at_load):
                    init = tf.no_op("init_of_surgery")
                self.signatures[_INIT_OP].outputs[_INIT_OP].name = init.name
            self.meta_graph.graph_def.CopyFrom(self._graph.as_graph_def())
        file = self.folder / "saved_model.pb"
        file.unlink()  # It may be a hard link to the real one.
        file.write_bytes(self.proto.SerializeToString())
        for change in self._last:
            change(self.folder)


def following(probabilities: tf.Tensor, answer: Tensors) -> Tensors:
    """The outputs among `answer` as they follow from these probabilities."""
    best = tf.math.top_k(probabilities, 3)
    outputs = {
        "probabilities": probabilities,
        "label": names(tf.argmax(probabilities, axis=-1)),
        "score": tf.reduce_max(probabilities, axis=-1),
        "top_labels": names(best.indices),
        "top_scores": best.values,
    }
    return {key: outputs[key] for key in answer}


def names(indices: tf.Tensor) -> tf.Tensor:
    """The labels of indices of any shape."""
    return tf.gather(tf.constant(features.LABELS), indices)


def indices(labels: tf.Tensor) -> tf.Tensor:
    """The indices of labels of any shape."""
    same = tf.equal(labels[..., tf.newaxis], tf.constant(features.LABELS))
    return tf.argmax(tf.cast(same, tf.int32), axis=-1)


def tensor_info(tensor: tf.Tensor) -> meta_graph_pb2.TensorInfo:
    """As a SignatureDef has it."""
    return meta_graph_pb2.TensorInfo(
        name=tensor.name, dtype=tensor.dtype.as_datatype_enum, tensor_shape=tensor.shape.as_proto()
    )


def count(rows: tf.Tensor) -> tf.Tensor:
    """The number of rows, int32."""
    return tf.shape(rows)[0]


def at_size(when: Change, change: Change) -> Change:
    """Computes `change` for batches whose size is so, and nothing of it for others."""
    return lambda p: tf.cond(when(count(p)), lambda: change(p), lambda: tf.identity(p))


def turned(probabilities: tf.Tensor) -> tf.Tensor:
    """The plainest wrong answer: the probabilities from last to first."""
    return tf.reverse(probabilities, [1])
