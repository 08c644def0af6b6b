"""Predict, classify and regress on a loaded model, whatever way the request came."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence

import numpy as np

from serving.server.json.tensor import show_shape
from serving.server.servable import Servable
from serving.server.signature import DEFAULT_SIGNATURE, Signature, TensorInfo
from serving.server.status import StatusError, invalid_argument
from serving.server.tensors import texts
from serving.server.tensors.texts import Tensor, Texts

_EXAMPLES = "inputs"
_CLASSES = "classes"
_SCORES = "scores"
_OUTPUTS = "outputs"
_BLOCK = 4096
"""Examples whose classes are read at a time."""

Examples = Sequence[bytes] | Tensor
"""Serialized tf.Examples."""
Classes = list[tuple[str, float]]
"""Label and score of each class of one example."""


def predict(
    model: Servable,
    signature: Signature,
    arrays: MutableMapping[str, Tensor],
    output_filter: Sequence[str] = (),
) -> dict[str, Tensor]:
    """Runs a signature (servables/tensorflow/predict_util.cc).

    Args:
      model: has the signature.
      signature: which one.
      arrays: an array for each input. It is emptied, as the arrays are let go once TensorFlow has
        them.
      output_filter: names of the outputs to give; all by default.

    Raises:
      StatusError: INVALID_ARGUMENT for inputs or a filter that do not fit the signature; otherwise
        what the graph says.
    """
    check_inputs(signature, arrays)
    names = signature.outputs
    tensors: Sequence[str] = signature.all_fetches
    if output_filter:
        names = _chosen(signature, output_filter)
        # In one order, whatever the filter's, as a run is prepared for each order.
        tensors = sorted({info.tensor for info in names.values()})
    feeds = {
        info.tensor: arrays.pop(name) if name in arrays else signature.defaults[name]
        for name, info in signature.inputs.items()
    }
    fetched = model.run(feeds, tensors)
    by_tensor = dict(zip(tensors, fetched, strict=True))
    return {name: by_tensor[info.tensor] for name, info in names.items()}


def _chosen(signature: Signature, output_filter: Sequence[str]) -> dict[str, TensorInfo]:
    chosen: dict[str, TensorInfo] = {}
    for name in output_filter:
        if name not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the"
                f" set {{{','.join(signature.outputs)}}}."
            )
        if name in chosen:
            raise invalid_argument(f"duplicate output tensor alias: {name}")
        chosen[name] = signature.outputs[name]
    return chosen


def check_inputs(signature: Signature, sent: Collection[str]) -> None:
    """Whether a request has the inputs of a signature (GetInputValues in cc/saved_model/util.cc).

    Raises:
      StatusError: INVALID_ARGUMENT when one is missing that has no default, or one is unknown.
    """
    expected = signature.inputs
    if len(sent) == len(expected) and all(name in expected for name in sent):
        return
    if len(sent) > len(expected) or (len(sent) < len(expected) and not signature.defaults):
        raise _input_mismatch(set(sent), set(expected))
    for name, info in expected.items():
        if name not in sent and name not in signature.defaults:
            raise invalid_argument(
                f"Signature input alias: {name}(feed name: {info.tensor}) not found in request and"
                " no default value provided. Inputs expected to be in the request"
                f" {{{_show(sent)}}}, or default input alias set: {_show(signature.defaults)}"
            )
    used = set(sent) & set(expected)
    if len(used) != len(sent):
        raise invalid_argument(
            f"Inputs contains invalid name. Used request inputs: {_show(used)},"
            f" request input: {_show(sent)}"
        )


def _input_mismatch(sent: set[str], expected: set[str]) -> StatusError:
    return invalid_argument(
        f"input size does not match signature: {len(sent)}!={len(expected)}"
        f" len({{{_show(sent)}}}) != len({{{_show(expected)}}})."
        f" Sent extra: {{{_show(sent - expected)}}}."
        f" Missing but required: {{{_show(expected - sent)}}}."
    )


def _show(names: Collection[str]) -> str:
    return ",".join(sorted(names))


def find_signature(model: Servable, name: str) -> Signature:
    """The signature that a classify or regress request names; the default one for "".

    Raises:
      StatusError: INVALID_ARGUMENT when there is none.
    """
    name = name or DEFAULT_SIGNATURE
    if name not in model.signatures:
        raise invalid_argument(f"No signature was found with the name: {name}")
    return model.signatures[name]


@dataclasses.dataclass(frozen=True)
class Task:
    """The tensors that classify or regress takes from a signature."""

    examples: str
    """Tensor of the serialized tf.Examples."""
    outputs: Mapping[str, str]
    """Tensor by output name."""


def classify_task(model: Servable, name: str) -> Task:
    """What classify needs of the signature that is named (servables/tensorflow/classifier.cc).

    Raises:
      StatusError: INVALID_ARGUMENT when there is no such signature, or it is not for it.
    """
    signature = find_signature(model, name)
    _expect_one(signature.inputs, "Expected one input Tensor.")
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(
            f"Expected one or two output Tensors, found {len(signature.outputs)}"
        )
    examples = _examples_tensor(model, name, "classification")
    outputs = {
        name: info.tensor for name, info in signature.outputs.items() if name in (_CLASSES, _SCORES)
    }
    if not outputs:
        raise invalid_argument(
            "Expected classification signature outputs to contain at least one of"
            f' "{_CLASSES}" or "{_SCORES}". Signature was: {_definition(model, name)}'
        )
    return Task(examples, outputs)


def regress_task(model: Servable, name: str) -> Task:
    """What regress needs of the signature that is named (servables/tensorflow/regressor.cc).

    Raises:
      StatusError: INVALID_ARGUMENT when there is no such signature, or it is not for it.
    """
    signature = find_signature(model, name)
    _expect_one(signature.inputs, "Expected one input Tensor.")
    _expect_one(signature.outputs, "Expected one output Tensor.")
    examples = _examples_tensor(model, name, "regression")
    if _OUTPUTS not in signature.outputs:
        raise invalid_argument(
            f"No regression outputs found in SignatureDef: {_definition(model, name)}"
        )
    return Task(examples, {_OUTPUTS: signature.outputs[_OUTPUTS].tensor})


def _expect_one(tensors: Mapping[str, TensorInfo], problem: str) -> None:
    if len(tensors) != 1:
        raise invalid_argument(problem)


def _examples_tensor(model: Servable, name: str, what: str) -> str:
    signature = find_signature(model, name)
    if _EXAMPLES not in signature.inputs:
        raise invalid_argument(
            f"No {what} inputs found in SignatureDef: {_definition(model, name)}"
        )
    return signature.inputs[_EXAMPLES].tensor


def _definition(model: Servable, name: str) -> str:
    """The message of a signature in protobuf's text format."""
    return str(model.signature_defs[name or DEFAULT_SIGNATURE])


def fed(examples: Examples) -> Tensor:
    """Examples as the array that a graph takes."""
    if isinstance(examples, np.ndarray | Texts):
        return examples
    array = np.empty(len(examples), np.object_)
    array[:] = examples
    return array


def run_examples(
    model: Servable, tasks: Sequence[Task], examples: Examples
) -> list[dict[str, Tensor]]:
    """Runs tasks on the same serialized tf.Examples, all at once.

    Returns:
      for each task the arrays by output name.

    Raises:
      StatusError: INVALID_ARGUMENT without examples; otherwise what the graph says.
    """
    if not len(examples):
        raise invalid_argument("Input is empty.")
    feed = fed(examples)
    tensors = sorted({tensor for task in tasks for tensor in task.outputs.values()})
    # Each task feeds its own input: signatures of TensorFlow 2 share none.
    feeds = dict.fromkeys(sorted({task.examples for task in tasks}), feed)
    fetched = dict(zip(tensors, model.run(feeds, tensors), strict=True))
    return [{name: fetched[tensor] for name, tensor in task.outputs.items()} for task in tasks]


def read_classes(outputs: Mapping[str, Tensor], count: int) -> Iterator[Classes]:
    """Yields the classes of each of `count` examples.

    Raises:
      StatusError: INVALID_ARGUMENT when the outputs are not [count, classes].
    """
    for name, kind, shown in (
        (_CLASSES, np.object_, "DT_STRING"),
        (_SCORES, np.float32, "DT_FLOAT"),
    ):
        array = outputs.get(name)
        if array is None:
            continue
        if array.ndim != 2:
            raise invalid_argument(
                f"Expected Tensor shape: [batch_size num_classes] but got {show_shape(array.shape)}"
            )
        if array.dtype != kind:
            raise invalid_argument(f"Expected {name} Tensor of {shown}. Got: {_type_name(array)}")
        if len(array) != count:
            raise invalid_argument(
                f"Expected {name} output batch size of {count}. Got: {len(array)}"
            )
    shapes = [array.shape for array in outputs.values()]
    if shapes[0] != shapes[-1]:
        raise invalid_argument(
            "Tensors class and score should match in dim_size(1). Got"
            f" {outputs[_CLASSES].shape[1]} vs. {outputs[_SCORES].shape[1]}"
        )
    labels = outputs.get(_CLASSES, np.full(shapes[0], b"", np.object_))
    scores = outputs.get(_SCORES, np.zeros(shapes[0], np.float32))
    return _by_example(labels, scores)


def _by_example(labels: Tensor, scores: Tensor) -> Iterator[Classes]:
    """A block at a time, because objects take many times the room of an array."""
    for start in range(0, len(labels), _BLOCK):
        block = slice(start, start + _BLOCK)
        rows = labels[block].tolist()
        # The same few come again and again.
        decoded = {
            x: x.decode("utf-8", "replace") for x in set(itertools.chain.from_iterable(rows))
        }
        for row, numbers in zip(rows, scores[block].tolist(), strict=True):
            yield list(zip(map(decoded.__getitem__, row), numbers, strict=True))


def read_values(outputs: Mapping[str, Tensor], count: int) -> list[float]:
    """The value of each of `count` examples.

    Raises:
      StatusError: INVALID_ARGUMENT when the output is neither [count] nor [count, 1].
    """
    array = outputs[_OUTPUTS]
    if array.ndim != 1 and not (array.ndim == 2 and array.shape[1] == 1):
        raise invalid_argument(
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got"
            f" {show_shape(array.shape)}"
        )
    if len(array) != count:
        raise invalid_argument(
            f"Input batch size did not match output batch size: {count} vs. {len(array)}"
        )
    if array.dtype != np.float32:
        raise invalid_argument(f"Expected output Tensor of DT_FLOAT.  Got: {_type_name(array)}")
    numbers: list[float] = texts.unpacked(array).ravel().tolist()
    return numbers


_TYPE_NAMES = {"object": "STRING", "float32": "FLOAT", "float64": "DOUBLE", "float16": "HALF"}


def _type_name(array: Tensor) -> str:
    """The name of an array's type in types.proto."""
    return f"DT_{_TYPE_NAMES.get(array.dtype.name, array.dtype.name.upper())}"
