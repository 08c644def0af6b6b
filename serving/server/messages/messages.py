"""Answers the request messages of PredictionService for one loaded model."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    input_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.server import inference
from serving.server.inference import Classes, Examples, Task
from serving.server.messages import tensor_proto
from serving.server.messages.large_request import LargeExamples, LargePredict
from serving.server.messages.reply import Reply
from serving.server.servable import Servable
from serving.server.signature import CLASSIFY_METHOD, DEFAULT_SIGNATURE, REGRESS_METHOD, DataType
from serving.server.status import Code, StatusError, invalid_argument
from serving.server.tensors import message_cost, protobuf, texts

_OUTPUTS = 1
_KEY, _VALUE = 1, 2
_RESULT = 1
"""Numbers of fields: of a PredictResponse, of an entry in a map, and of the other responses."""
_BLOCK = 4096
"""Results that are in messages at a time."""


def predict(
    model: Servable,
    request: predict_pb2.PredictRequest | LargePredict,
    largest_fill: int = tensor_proto.LARGEST_BYTES,
    *,
    as_content: bool = False,
) -> predict_pb2.PredictResponse | Reply:
    """Runs the signature that the request names; the model spec of the answer is left to do.

    Args:
      model: a loaded version.
      request: of the Predict method.
      largest_fill: as for `tensor_proto.to_array`.
      as_content: whether the outputs travel in `tensor_content`.

    Raises:
      StatusError: FAILED_PRECONDITION for an unknown signature; otherwise as `inference.predict`.
    """
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    signature = model.signatures.get(name)
    if signature is None:
        raise StatusError(Code.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.')
    # Once: a map of a message makes what it gives anew each time. A large one lets go of its own.
    inputs = request.inputs if isinstance(request, LargePredict) else dict(request.inputs)
    inference.check_inputs(signature, inputs)
    for alias, proto in inputs.items():
        expected, found = signature.inputs[alias].dtype, DataType(proto.dtype)
        if found is not expected:
            raise invalid_argument(
                f"Input {alias} is expected to be {expected.text} but its type is {found.text}"
            )
    if isinstance(request, LargePredict):
        fed = sum(map(tensor_proto.fed_bytes, request.inputs.values()))
        message_cost.check_tensors(fed, request.size)
    arrays = {
        alias: tensor_proto.to_array(proto, alias, largest_fill) for alias, proto in inputs.items()
    }
    if isinstance(request, LargePredict):
        request.release()
    outputs = inference.predict(model, signature, arrays, request.output_filter)
    response = predict_pb2.PredictResponse()
    large: list[protobuf.Part] = []
    for alias, array in outputs.items():
        if as_content or tensor_proto.is_large(array):
            key = protobuf.field(_KEY, alias.encode())
            written = tensor_proto.content_parts if as_content else tensor_proto.parts
            value = protobuf.parts(_VALUE, written(array))
            large += protobuf.parts(_OUTPUTS, (key, *value))
        else:
            tensor_proto.fill(response.outputs[alias], texts.unpacked(array))
    return Reply(response, large) if large else response


def classify(
    model: Servable, request: classification_pb2.ClassificationRequest
) -> classification_pb2.ClassificationResponse:
    """Classifies tf.Examples; the model spec of the answer is left to do.

    Raises:
      StatusError: as the functions of `inference`.
    """
    task = inference.classify_task(model, request.model_spec.signature_name)
    examples = serialized_examples(request)
    [outputs] = inference.run_examples(model, [task], examples)
    results = inference.read_classes(outputs, len(examples))
    return _reply(classification_pb2.ClassificationResponse, _add_classes, results)


def regress(
    model: Servable, request: regression_pb2.RegressionRequest
) -> regression_pb2.RegressionResponse:
    """Regresses tf.Examples; the model spec of the answer is left to do.

    Raises:
      StatusError: as the functions of `inference`.
    """
    task = inference.regress_task(model, request.model_spec.signature_name)
    examples = serialized_examples(request)
    [outputs] = inference.run_examples(model, [task], examples)
    results = inference.read_values(outputs, len(examples))
    return _reply(regression_pb2.RegressionResponse, _add_values, results)


def multi_inference(
    model: Servable, request: inference_pb2.MultiInferenceRequest
) -> inference_pb2.MultiInferenceResponse:
    """Several classifications and regressions of the same tf.Examples in one run of the graph.

    From servables/tensorflow/multi_inference.cc. The versions of the answer are left to do.

    Raises:
      StatusError: as the functions of `inference`, and INVALID_ARGUMENT for tasks that do not go
        together.
    """
    tasks = _tasks(model, request)
    examples = serialized_examples(request)
    outputs = inference.run_examples(model, tasks, examples) if tasks else []
    response = inference_pb2.MultiInferenceResponse()
    for task, arrays in zip(request.tasks, outputs, strict=True):
        result = response.results.add()
        result.model_spec.name = task.model_spec.name
        result.model_spec.signature_name = task.model_spec.signature_name or DEFAULT_SIGNATURE
        if task.method_name == CLASSIFY_METHOD:
            classes = inference.read_classes(arrays, len(examples))
            _add_classes(result.classification_result, classes)
        else:
            values = inference.read_values(arrays, len(examples))
            _add_values(result.regression_result, values)
    return response


def _tasks(model: Servable, request: inference_pb2.MultiInferenceRequest) -> list[Task]:
    tasks: dict[str, Task] = {}
    for task in request.tasks:
        if not task.model_spec.name:
            raise invalid_argument("Found ModelSpec with an empty model name.")
        if task.model_spec.name != request.tasks[0].model_spec.name:
            raise invalid_argument(
                "All ModelSpecs in a MultiInferenceRequest must access the same model name."
            )
        name = task.model_spec.signature_name or DEFAULT_SIGNATURE
        if name in tasks:
            raise invalid_argument(f"Duplicate evaluation of signature: {name}")
        if name not in model.signatures:
            raise invalid_argument(f"Requested signature not found in model graph: {name}")
        if task.method_name == CLASSIFY_METHOD:
            tasks[name] = inference.classify_task(model, name)
        elif task.method_name == REGRESS_METHOD:
            tasks[name] = inference.regress_task(model, name)
        else:
            raise StatusError(
                Code.UNIMPLEMENTED, f"Unsupported signature method_name: {task.method_name}"
            )
    return list(tasks.values())


def serialized_examples(request: Any) -> Examples:
    """The tf.Examples of a request, with the features of the context in each."""
    if isinstance(request, LargeExamples):
        return request.examples
    message: input_pb2.Input = request.input
    if message.WhichOneof("kind") == "example_list_with_context":
        with_context = message.example_list_with_context
        context = with_context.context.SerializeToString()
        message_cost.check_examples(
            len(with_context.examples),
            len(context) * len(with_context.examples),
            message.ByteSize(),
        )
        return [context + example.SerializeToString() for example in with_context.examples]
    return [example.SerializeToString() for example in message.example_list.examples]


def _reply(kind: Any, add: Callable[[Any, Iterable[Any]], None], results: Iterable[Any]) -> Any:
    """A response, of which the first results are in a message and the others serialized."""
    waiting = iter(results)
    response = kind()
    add(response.result, itertools.islice(waiting, _BLOCK))
    rest: list[protobuf.Part] = []
    while block := list(itertools.islice(waiting, _BLOCK)):
        part = kind().result
        add(part, block)
        # Messages that follow each other are one, with the elements of all.
        rest += protobuf.parts(_RESULT, [part.SerializeToString()])
    return Reply(response, rest) if rest else response


def _add_classes(result: Any, results: Iterable[Classes]) -> None:
    for classes in results:
        classification = result.classifications.add()
        for label, score in classes:
            classification.classes.add(label=label, score=score)


def _add_values(result: Any, results: Iterable[float]) -> None:
    for value in results:
        result.regressions.add(value=value)


def signature_def_map(model: Servable) -> get_model_metadata_pb2.SignatureDefMap:
    """What the metadata of a model says."""
    definitions = get_model_metadata_pb2.SignatureDefMap()
    for name, definition in model.signature_defs.items():
        definitions.signature_def[name].CopyFrom(definition)
    return definitions
