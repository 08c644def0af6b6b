"""The graph of a served model without variables, strings and signatures: dense tensors in and out.

What is served takes images as bytes, which no phone's runtime reads. So the graph is cut where they
have become pixels; all that was trained lies behind that, whoever made the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from tensorflow.python.tools.optimize_for_inference_lib import optimize_for_inference

from components.variants.options import unfit
from documents.features import Features
from documents.shown import shown
from models.description import declared
from models.signature_inputs import plain_names

SIGNATURE = "serving_default"
IMAGE = "image"

Shapes = Mapping[str, tuple[int, ...]]
_PLAIN = re.compile("[A-Za-z][A-Za-z0-9_]*")
_AFTER_DECODING = ("Identity", "Reshape")
_PREFIX = "graph"
"""Of the names of operations in a function's graph."""


class UnfitError(ValueError):
    """The model cannot become a variant; one sentence says what is in the way."""


@dataclass(frozen=True)
class Frozen:
    """A graph of constants."""

    function: Any
    """Concrete function of float32 [N, ...], in the order of `inputs`, to one tensor in a list."""
    inputs: Shapes
    """By name of the feature, its shape without N: of an image [h, w, c], pixels from 0 to 255; of
    a number none, NaN where it is missing."""
    output: str
    """Name of what the signature answers."""
    weights: Mapping[str, NDArray[np.float32]]
    """What was trained, by the name of the constant in the function's graph."""


def input_names(features: Iterable[str]) -> dict[str, str]:
    """What a variant calls each of its inputs: names of features may be any text."""
    return {
        name: name if _PLAIN.fullmatch(name) else f"input_{place}"
        for place, name in enumerate(features)
    }


def check_fit(features: Features) -> None:
    """Returns where each feature can be taken as dense numbers.

    Raises:
      UnfitError: it cannot; the sentence names the features.
    """
    reason = unfit({feature.name: feature.kind for feature in features.features if feature.input})
    if reason:
        raise UnfitError(reason)


def freeze(folder: str, features: Features) -> Frozen:
    """The served function of a SavedModel as a graph of constants.

    Raises:
      UnfitError: a feature is looked up in a table, or its graph has another form than ours.
    """
    check_fit(features)
    loaded = tf.saved_model.load(folder)
    served = loaded.signatures[SIGNATURE]
    frozen = convert_variables_to_constants_v2(served)
    graph = frozen.graph.as_graph_def()
    for node in graph.node:
        # What only has to run before, such as an assertion about the bytes of a request.
        node.input[:] = [name for name in node.input if not name.startswith("^")]
    output = next(iter(features.label.outputs))
    result = _before_the_slice(graph, frozen.outputs[0].name)
    pixels = dict(_pixels(graph))
    given = plain_names(declared(features).used)
    if features.only_image and features.only_image.input:
        given = {features.only_image.name: features.only_image.input.name}
    _refuse_tables(graph, given)
    shapes: dict[str, tuple[int, ...]] = {}
    feeds: dict[str, str] = {}
    for feature in features.features:
        if feature.input is None:
            continue
        name = given[feature.name]
        if feature.kind != IMAGE:
            shapes[feature.name], feeds[feature.name] = (), f"{name}:0"
        elif name in pixels:
            shapes[feature.name] = (*feature.options["size"], feature.options["channels"])
            feeds[feature.name] = pixels[name]
        else:
            raise UnfitError(
                f"The graph does not turn the image {shown(feature.name)} into pixels as this"
                " release does, so it cannot be cut there; leave `variants` out."
            )
    function = _function(graph, shapes, feeds, result)
    return Frozen(function, shapes, output, _weights(served, function))


def replaced(frozen: Frozen, weights: Mapping[str, NDArray[np.float32]]) -> Frozen:
    """The same graph with other values of some of its weights."""
    graph = frozen.function.graph.as_graph_def()
    for node in graph.node:
        if node.name in weights:
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(weights[node.name]))
    function = _imported_again(frozen, graph)
    prefix = f"{_PREFIX}/"
    values = {f"{prefix}{name}": value for name, value in {**frozen.weights, **weights}.items()}
    return Frozen(function, frozen.inputs, frozen.output, values)


def optimized(frozen: Frozen) -> Any:
    """The same function with batch normalization folded into the kernels before it."""
    graph = frozen.function.graph.as_graph_def()
    inputs = [tensor.op.name for tensor in frozen.function.inputs]
    [output] = [tensor.op.name for tensor in frozen.function.outputs]
    graph = optimize_for_inference(graph, inputs, [output], tf.float32.as_datatype_enum)
    return _imported_again(frozen, graph)


def _imported_again(frozen: Frozen, graph: Any) -> Any:
    """The function of a graph that has the inputs and the output of the frozen one."""
    inputs = [tensor.op.name for tensor in frozen.function.inputs]
    [output] = [tensor.op.name for tensor in frozen.function.outputs]
    feeds = {name: f"{given}:0" for name, given in zip(frozen.inputs, inputs, strict=True)}
    return _function(graph, frozen.inputs, feeds, f"{output}:0")


def _weights(served: Any, function: Any) -> dict[str, NDArray[np.float32]]:
    """Values of the variables that were trained. As constants, they have the names by which the
    served function captured them."""
    trained = {id(each.handle): each for each in served.variables if each.trainable}
    there = {operation.name for operation in function.graph.get_operations()}
    found = {}
    for handle, inside in served.graph.captures:
        name = f"{_PREFIX}/{inside.op.name}"
        if id(handle) in trained and name in there and trained[id(handle)].dtype == tf.float32:
            found[name] = trained[id(handle)].numpy()
    return found


def _function(graph: Any, shapes: Shapes, feeds: Mapping[str, str], result: str) -> Any:
    names = input_names(shapes)
    specs = [
        tf.TensorSpec([None, *shape], tf.float32, names[name]) for name, shape in shapes.items()
    ]

    def imported(*tensors: tf.Tensor) -> tf.Tensor:
        given = {feeds[name]: tensor for name, tensor in zip(shapes, tensors, strict=True)}
        [found] = tf.graph_util.import_graph_def(
            graph, input_map=given, return_elements=[result], name=_PREFIX
        )
        return tf.identity(found, "answer")

    wrapped = tf.compat.v1.wrap_function(imported, specs)
    inputs = [wrapped.graph.get_tensor_by_name(f"{spec.name}:0") for spec in specs]
    return wrapped.prune(inputs, [wrapped.outputs[0]])


def _before_the_slice(graph: Any, output: str) -> str:
    """The answer before the row is cut off that stands in for an empty batch, see models/export.py.

    How many rows to keep is counted in the bytes of the request, which are cut away as well.
    """
    nodes = {node.name: node for node in graph.node}
    found = node = nodes[_op(output)]
    while node.op in ("Identity", "StridedSlice"):
        if node.op == "StridedSlice":
            found = nodes[_op(node.input[0])]
            break
        node = nodes[_op(node.input[0])]
    return f"{found.name}:0"


def _refuse_tables(graph: Any, given: Mapping[str, str]) -> None:
    """Returns where nothing is looked up, as a user's `preprocess` may do with any feature.

    Args:
      given: names of inputs by those of features.
    """
    nodes = {node.name: node for node in graph.node}
    lookups = [node for node in graph.node if node.op.startswith("LookupTable")]
    if lookups:
        sources = {name for node in lookups for name in _sources(nodes, node)}
        named = [shown(name) for name, source in given.items() if source in sources]
        raise UnfitError(
            f"The model looks {', '.join(named[:5]) or 'something'} up in a table, which TensorFlow"
            " Lite has no operations for; leave `variants` out, or have `code` do without."
        )


def _pixels(graph: Any) -> Iterator[tuple[str, str]]:
    """For each image the placeholder that it comes from, and the tensor of its pixels as floats."""
    nodes = {node.name: node for node in graph.node}
    readers: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(_op(name), []).append(node)
    for node in graph.node:
        if node.op != "DecodeRaw":
            continue
        after = node
        while following := [
            each for each in readers.get(after.name, ()) if each.op in (*_AFTER_DECODING, "Cast")
        ]:
            after = following[0]
            if after.op == "Cast":
                yield from ((source, f"{after.name}:0") for source in _sources(nodes, node))
                break


def _sources(nodes: Mapping[str, Any], node: Any) -> Iterator[str]:
    """The placeholders upstream of a node."""
    waiting, seen = [node.name], set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            if nodes[name].op == "Placeholder":
                yield name
            waiting += map(_op, nodes[name].input)


def _op(tensor: str) -> str:
    return tensor.partition(":")[0]
