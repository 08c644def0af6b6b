"""What a Hub module takes and gives, read from its SavedModel before anything is trained with it.

Nothing of it is run: the functions and the shapes of a reusable SavedModel
(https://www.tensorflow.org/hub/reusable_saved_models) stand in its object graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tensorflow as tf
from google.protobuf import text_format
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from documents.saved_model import SAVED_MODEL, SAVED_MODEL_TEXT, VARIABLES
from models.hub.module import HubError, Module

CHANNELS = (1, 3)
_NEEDED = "choose a feature vector of images"
_NEEDED_OF_TEXTS = "choose a text embedding"
T = TypeVar("T")


class _InterfaceError(ValueError):
    """Why the module cannot be used, as the end of a sentence about the handle."""


@dataclass(frozen=True)
class Interface:
    """What the network needs to know of a module."""

    height: int | None
    width: int | None
    """None: images of any size."""
    channels: int
    features: int
    """Length of the vector that it makes of an image."""


def read_interface(module: Module) -> Interface:
    """The interface of a module, whose files are all read once.

    Raises:
      HubError: it is damaged, or does not turn float32 images [N, height, width, 1 or 3] into
        float32 feature vectors [N, features].
    """
    return _read(module, _of_images, _NEEDED)


def text_vector_length(module: Module) -> int:
    """Length of the vector that a module of texts makes of one; its files are all read once.

    Raises:
      HubError: it is damaged, or does not turn string [N] into float32 feature vectors
        [N, features].
    """
    return _read(module, _of_texts, _NEEDED_OF_TEXTS)


def _read(module: Module, of_function: Callable[[Any], T], needed: str) -> T:
    try:
        meta_graph = _meta_graph(module.path)
        found = _interface(meta_graph, of_function, needed)
        _check_files(module.path, meta_graph)
        return found
    except _InterfaceError as error:
        raise HubError(f"hub.handle {module.handle} {error}") from error


def _meta_graph(folder: Path) -> Any:
    saved_model = saved_model_pb2.SavedModel()
    try:
        if (folder / SAVED_MODEL).is_file():
            name = SAVED_MODEL
            saved_model.ParseFromString((folder / name).read_bytes())
        else:
            name = SAVED_MODEL_TEXT
            text_format.Parse((folder / name).read_bytes(), saved_model)
    except (DecodeError, text_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        raise _InterfaceError(f"has a damaged {name}: fetch or copy the module again") from error
    if not saved_model.meta_graphs:
        raise _InterfaceError(f"has a {name} that holds no graph: fetch or copy the module again")
    return saved_model.meta_graphs[0]


def _interface(meta_graph: Any, of_function: Callable[[Any], T], needed: str) -> T:
    graph = meta_graph.object_graph_def
    if not graph.nodes:
        raise _InterfaceError(f"is of TensorFlow 1: {needed} in the TF2 SavedModel format")
    calls = [child.node_id for child in graph.nodes[0].children if child.local_name == "__call__"]
    names = [name for node in calls for name in graph.nodes[node].function.concrete_functions]
    if not names:
        raise _InterfaceError(f"is no module, as it cannot be called: {needed}")
    refusals: list[_InterfaceError] = []
    for name in names:
        try:
            return of_function(graph.concrete_functions[name])
        except _InterfaceError as error:
            refusals.append(error)
    raise refusals[0]


def _inputs(function: Any) -> list[Any]:
    return [
        spec
        for spec in _specs(function.canonicalized_input_signature)
        if spec.dtype != tf.bool.as_datatype_enum  # `training`
    ]


def _of_texts(function: Any) -> int:
    inputs = _inputs(function)
    if len(inputs) != 1:
        raise _InterfaceError(
            f"takes {len(inputs)} tensors instead of texts alone: {_NEEDED_OF_TEXTS}"
        )
    shape, dtype = _shape(inputs[0]), tf.as_dtype(inputs[0].dtype)
    if dtype != tf.string or shape not in (None, [None]):
        raise _InterfaceError(
            f"takes {dtype.name} {_written(shape)} instead of texts, string [N]: {_NEEDED_OF_TEXTS}"
        )
    return _vector_length(function.output_signature, "a text", _NEEDED_OF_TEXTS)


def _of_images(function: Any) -> Interface:
    inputs = _inputs(function)
    if len(inputs) != 1:
        raise _InterfaceError(f"takes {len(inputs)} tensors instead of images alone: {_NEEDED}")
    shape, dtype = _shape(inputs[0]), tf.as_dtype(inputs[0].dtype)
    if shape is None or len(shape) != 4 or shape[3] not in CHANNELS:
        raise _InterfaceError(
            f"takes {dtype.name} {_written(shape)} instead of images [N, height, width, 1 or 3]: "
            f"{_NEEDED}"
        )
    if dtype != tf.float32:
        raise _InterfaceError(
            f"takes images of {dtype.name}, but is given float32 from 0 to 1: {_NEEDED} of float32"
        )
    if shape[0] is not None:
        raise _InterfaceError(
            f"takes batches of {shape[0]} only: {_NEEDED} that was saved with an open batch size"
        )
    length = _vector_length(function.output_signature, "an image", _NEEDED)
    return Interface(shape[1], shape[2], shape[3], length)


def _vector_length(signature: Any, of: str, needed: str) -> int:
    if signature.WhichOneof("kind") != "tensor_spec_value":
        raise _InterfaceError(f"gives several outputs instead of one vector {of}: {needed}")
    shape, dtype = (
        _shape(signature.tensor_spec_value),
        tf.as_dtype(signature.tensor_spec_value.dtype),
    )
    if shape is None or len(shape) != 2 or shape[1] is None or dtype != tf.float32:
        raise _InterfaceError(
            f"gives {dtype.name} {_written(shape)} instead of one vector of float32 {of}: {needed}"
        )
    return shape[1]


def _specs(value: Any) -> Iterator[Any]:
    """The tensors in a nested structure (tensorflow/core/protobuf/struct.proto)."""
    kind = value.WhichOneof("kind")
    if kind == "tensor_spec_value":
        yield value.tensor_spec_value
    elif kind == "bounded_tensor_spec_value":
        yield value.bounded_tensor_spec_value
    elif kind in ("tuple_value", "list_value"):
        for item in getattr(value, kind).values:
            yield from _specs(item)
    elif kind == "dict_value":
        for key in sorted(value.dict_value.fields):
            yield from _specs(value.dict_value.fields[key])


def _shape(spec: Any) -> list[int | None] | None:
    if spec.shape.unknown_rank:
        return None
    return [None if dim.size < 0 else int(dim.size) for dim in spec.shape.dim]


def _written(shape: list[int | None] | None) -> str:
    if shape is None:
        return "of any shape"
    return f"[{', '.join('N' if size is None else str(size) for size in shape)}]"


def _check_files(folder: Path, meta_graph: Any) -> None:
    for asset in meta_graph.asset_file_def:
        if not (folder / "assets" / asset.filename).is_file():
            raise _InterfaceError(f"lacks its file assets/{asset.filename}: copy the whole module")
    try:
        # Each tensor has a checksum, so reading is enough to find what was altered or cut short.
        reader = tf.train.load_checkpoint(str(folder / VARIABLES / VARIABLES))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except (tf.errors.OpError, ValueError, RuntimeError, IndexError) as error:
        raise _InterfaceError(
            "has missing or damaged files in variables: fetch or copy the whole module again"
        ) from error
