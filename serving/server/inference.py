"""Predict, classify and regress on a loaded model, whatever way the request came."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from serving.server.json_tensor import Array
from serving.server.servable import Servable
from serving.server.signature import DEFAULT_SIGNATURE, Signature, TensorInfo
from serving.server.status import Code, StatusError, invalid_argument

_EXAMPLES = "inputs"
_CLASSES = "classes"
_SCORES = "scores"
_OUTPUTS = "outputs"

Classes = list[tuple[str, float]]
"""Label and score of each class of one example."""


def predict(
    model: Servable,
    signature: Signature,
    arrays: Mapping[str, Array],
    output_filter: Sequence[str] = (),
) -> dict[str, Array]:
    """Runs a signature (servables/tensorflow/predict_util.cc).

    Args:
      model: has the signature.
      signature: which one.
      arrays: an array for each input.
      output_filter: names of the outputs to give; all by default.

    Raises:
      StatusError: INVALID_ARGUMENT for inputs or a filter that do not fit the signature; otherwise
        what the graph says.
    """
    if arrays.keys() != signature.inputs.keys():
        raise _input_mismatch(set(arrays), set(signature.inputs))
    names = list(output_filter) or list(signature.outputs)
    for index, name in enumerate(names):
        if name not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the"
                f" set {{{','.join(signature.outputs)}}}."
            )
        if name in names[:index]:
            raise invalid_argument(f"duplicate output tensor alias: {name}")
    fetched = model.run(
        {info.tensor: arrays[name] for name, info in signature.inputs.items()},
        [signature.outputs[name].tensor for name in names],
    )
    return dict(zip(names, fetched, strict=True))


def _input_mismatch(sent: set[str], expected: set[str]) -> StatusError:
    def show(names: set[str]) -> str:
        return ",".join(sorted(names))

    return invalid_argument(
        f"input size does not match signature: {len(sent)}!={len(expected)}"
        f" len({{{show(sent)}}}) != len({{{show(expected)}}})."
        f" Sent extra: {{{show(sent - expected)}}}."
        f" Missing but required: {{{show(expected - sent)}}}."
    )


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


def classify_task(signature: Signature) -> Task:
    """What classify needs (servables/tensorflow/classifier.cc).

    Raises:
      StatusError: INVALID_ARGUMENT or FAILED_PRECONDITION when the signature is not for it.
    """
    _expect_one(signature.inputs, "Expected one input Tensor.")
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(
            f"Expected one or two output Tensors, found {len(signature.outputs)}"
        )
    outputs = {
        name: info.tensor for name, info in signature.outputs.items() if name in (_CLASSES, _SCORES)
    }
    if not outputs:
        raise StatusError(
            Code.FAILED_PRECONDITION,
            "Expected classification signature outputs to contain at least one of"
            f' "{_CLASSES}" or "{_SCORES}". Signature was: {signature}',
        )
    return Task(_examples_tensor(signature, "classification"), outputs)


def regress_task(signature: Signature) -> Task:
    """What regress needs (servables/tensorflow/regressor.cc).

    Raises:
      StatusError: INVALID_ARGUMENT or FAILED_PRECONDITION when the signature is not for it.
    """
    _expect_one(signature.inputs, "Expected one input Tensor.")
    _expect_one(signature.outputs, "Expected one output Tensor.")
    examples = _examples_tensor(signature, "regression")
    if _OUTPUTS not in signature.outputs:
        raise StatusError(
            Code.FAILED_PRECONDITION, f"No regression outputs found in SignatureDef: {signature}"
        )
    return Task(examples, {_OUTPUTS: signature.outputs[_OUTPUTS].tensor})


def _expect_one(tensors: Mapping[str, TensorInfo], problem: str) -> None:
    if len(tensors) != 1:
        raise invalid_argument(problem)


def _examples_tensor(signature: Signature, what: str) -> str:
    if _EXAMPLES not in signature.inputs:
        raise StatusError(
            Code.FAILED_PRECONDITION, f"No {what} inputs found in SignatureDef: {signature}"
        )
    return signature.inputs[_EXAMPLES].tensor


def run_examples(
    model: Servable, tasks: Sequence[Task], examples: Sequence[bytes]
) -> list[dict[str, Array]]:
    """Runs tasks on the same serialized tf.Examples, all at once.

    Returns:
      for each task the arrays by output name.

    Raises:
      StatusError: INVALID_ARGUMENT without examples; otherwise what the graph says.
    """
    if not examples:
        raise invalid_argument("Input is empty.")
    feed = np.empty(len(examples), np.object_)
    feed[:] = examples
    tensors = sorted({tensor for task in tasks for tensor in task.outputs.values()})
    fetched = dict(zip(tensors, model.run({tasks[0].examples: feed}, tensors), strict=True))
    return [{name: fetched[tensor] for name, tensor in task.outputs.items()} for task in tasks]


def read_classes(outputs: Mapping[str, Array], count: int) -> list[Classes]:
    """The classes of each of `count` examples.

    Raises:
      StatusError: INVALID_ARGUMENT when the outputs are not [count, classes].
    """
    for name, kind, shown in ((_CLASSES, np.object_, "STRING"), (_SCORES, np.float32, "FLOAT")):
        array = outputs.get(name)
        if array is None:
            continue
        if array.ndim != 2:
            raise invalid_argument(
                f"Expected Tensor shape: [batch_size num_classes] but got {_show_shape(array)}"
            )
        if array.dtype != kind:
            raise invalid_argument(f"Expected {name} Tensor of DT_{shown}. Got: {array.dtype.name}")
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
    return [
        [(label.decode("utf-8", "replace"), score) for label, score in zip(*row, strict=True)]
        for row in zip(labels.tolist(), scores.tolist(), strict=True)
    ]


def read_values(outputs: Mapping[str, Array], count: int) -> list[float]:
    """The value of each of `count` examples.

    Raises:
      StatusError: INVALID_ARGUMENT when the output is neither [count] nor [count, 1].
    """
    array = outputs[_OUTPUTS]
    if array.ndim != 1 and not (array.ndim == 2 and array.shape[1] == 1):
        raise invalid_argument(
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got"
            f" {_show_shape(array)}"
        )
    if len(array) != count:
        raise invalid_argument(
            f"Input batch size did not match output batch size: {count} vs. {len(array)}"
        )
    if array.dtype != np.float32:
        raise invalid_argument(f"Expected output Tensor of DT_FLOAT.  Got: {array.dtype.name}")
    return array.ravel().tolist()


def _show_shape(array: Array) -> str:
    return f"[{','.join(map(str, array.shape))}]"
