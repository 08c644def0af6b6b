"""PredictionService and ModelService over the models of a core.

Handlers are made from the messages alone: the generated service modules of tensorflow-serving-api
do not import with protobuf 6.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import grpc
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.server import heap
from serving.server.messages import large_request, messages
from serving.server.metrics import Metrics
from serving.server.servable import Measured, Servable
from serving.server.signature import DEFAULT_SIGNATURE
from serving.server.status import Code, StatusError, fault, invalid_argument
from serving.server.versions import text_config
from serving.server.versions.core import Core
from serving.server.versions.life_cycle import Lease
from serving.server.versions.routes import ModelSpec

_logger = logging.getLogger(__name__)

PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"
_LONGEST_MESSAGE = 1024
_LONGEST_ENCODED = 4096
"""Bytes of it in a header, where a letter of a text in Chinese takes nine: from 8 kB on a client
may take the whole answer for RESOURCE_EXHAUSTED, now and then (grpc.max_metadata_size)."""
_CUT = "...TRUNCATED"
_FREE_FILL = 1 << 20
_FILL_PER_BYTE = 3
"""A tensor may leave out repeated values if it is no larger than a MiB, or than three times the
request. Warm-up requests may leave out more."""
_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}
_SIGNATURE_DEF = "signature_def"

Answer = Callable[[Any], Any]


class GrpcServices:
    """The methods of both services."""

    def __init__(self, core: Core, metrics: Metrics, *, as_content: bool = False) -> None:
        """Answers from any thread.

        Args:
          core: has the models.
          metrics: counts the requests.
          as_content: whether Predict answers with `tensor_content` instead of typed fields.
        """
        self._predict = functools.partial(_predict, as_content)
        self._core = core
        self._metrics = metrics

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """To be added to a grpc.Server."""
        prediction = {
            "Predict": _unary(
                functools.partial(self._infer, "Predict", self._predict),
                predict_pb2.PredictRequest,
            ),
            "Classify": _unary(
                functools.partial(self._infer, "Classify", messages.classify),
                classification_pb2.ClassificationRequest,
            ),
            "Regress": _unary(
                functools.partial(self._infer, "Regress", messages.regress),
                regression_pb2.RegressionRequest,
            ),
            "MultiInference": _unary(self._multi_inference, inference_pb2.MultiInferenceRequest),
            "GetModelMetadata": _unary(
                self._metadata, get_model_metadata_pb2.GetModelMetadataRequest
            ),
        }
        model = {
            "GetModelStatus": _unary(self._status, get_model_status_pb2.GetModelStatusRequest),
            "HandleReloadConfigRequest": _handler(self._reload_for),
        }
        return [
            grpc.method_handlers_generic_handler(PREDICTION_SERVICE, prediction),
            grpc.method_handlers_generic_handler(MODEL_SERVICE, model),
        ]

    def _infer(self, api: str, run: Callable[[Servable, Any], Any], request: Any) -> Any:
        _expect_model_spec(request)
        spec = request.model_spec
        with (
            self._metrics.request(spec.name, api, "GRPC"),
            self._core.models.lease(_spec(spec)) as lease,
        ):
            response = run(self._measured(lease, spec.name, api), request)
            response.model_spec.name = spec.name
            response.model_spec.signature_name = spec.signature_name or DEFAULT_SIGNATURE
            response.model_spec.version.value = lease.number
            return response

    def _measured(self, lease: Lease[Servable], name: str, api: str) -> Servable:
        return Measured(lease.model, functools.partial(self._metrics.runtime, name, api))

    def _multi_inference(self, request: inference_pb2.MultiInferenceRequest) -> Any:
        spec = request.tasks[0].model_spec if request.tasks else model_pb2.ModelSpec()
        with (
            self._metrics.request(spec.name, "MultiInference", "GRPC"),
            self._core.models.lease(_spec(spec)) as lease,
        ):
            model = self._measured(lease, spec.name, "MultiInference")
            response = messages.multi_inference(model, request)
            for result in response.results:
                result.model_spec.version.value = lease.number
            return response

    def _metadata(self, request: get_model_metadata_pb2.GetModelMetadataRequest) -> Any:
        _expect_model_spec(request)
        if not request.metadata_field:
            raise invalid_argument(
                "GetModelMetadataRequest must specify at least one metadata_field"
            )
        for field in request.metadata_field:
            if field != _SIGNATURE_DEF:
                raise invalid_argument(f"Metadata field {field} is not supported")
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        with self._core.models.lease(_spec(request.model_spec)) as lease:
            response.model_spec.name = request.model_spec.name
            response.model_spec.version.value = lease.number
            response.metadata[_SIGNATURE_DEF].Pack(messages.signature_def_map(lease.model))
        return response

    def _status(self, request: get_model_status_pb2.GetModelStatusRequest) -> Any:
        _expect_model_spec(request)
        response = get_model_status_pb2.GetModelStatusResponse()
        for version in self._core.models.status(_spec(request.model_spec)):
            status = response.model_version_status.add(version=version.number, state=version.state)
            status.status.error_code = version.error.code if version.error else Code.OK
            status.status.error_message = version.error.message if version.error else ""
        return response

    def _reload_for(self, data: list[bytes], context: grpc.ServicerContext) -> Any:
        # A client that has gone waits for no models any more.

        def reload(request: Any) -> Any:
            return self._reload(request, wanted=context.is_active)

        return _guarded(model_management_pb2.ReloadConfigRequest, reload, data, context)

    def _reload(
        self, request: model_management_pb2.ReloadConfigRequest, wanted: Callable[[], bool]
    ) -> Any:
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest."
                " Only ModelConfigList is currently supported"
            )
        models = text_config.models_of(request.config, self._core.names)
        for model in models:
            _logger.info("Config entry: name %s, path %s", model.name, model.base_path)
        before = {name: self._metrics.first_value(name) for name in request.metric_names}
        try:
            self._core.reload(models, wanted)
        except StatusError as error:
            _logger.error("ReloadConfig failed: %s", error.message)
            raise
        response = model_management_pb2.ReloadConfigResponse()
        for name, value in before.items():
            increase = self._metrics.first_value(name) - value
            response.metric.add(name=name, int64_value_increase=increase)
        response.status.error_code = Code.OK
        return response


def _expect_model_spec(request: Any) -> None:
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")


def _predict(as_content: bool, model: Servable, request: Any) -> Any:
    # A splat of a few bytes stands for a tensor of any size.
    largest = max(_FREE_FILL, _FILL_PER_BYTE * request.ByteSize())
    return messages.predict(model, request, largest, as_content=as_content)


def _spec(message: model_pb2.ModelSpec) -> ModelSpec:
    choice = message.WhichOneof("version_choice")
    return ModelSpec(
        name=message.name,
        version=message.version.value if choice == "version" else None,
        label=message.version_label if choice == "version_label" else None,
    )


def _unary(answer: Answer, kind: Any) -> grpc.RpcMethodHandler:
    return _handler(functools.partial(_guarded, kind, answer))


def _handler(answer: Callable[[list[bytes], grpc.ServicerContext], Any]) -> grpc.RpcMethodHandler:
    # In a list, out of which the message can be taken: the library would hold it until the end.
    return grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=lambda data: [data],
        response_serializer=lambda response: response.SerializeToString(),
    )


def _parsed(kind: Any, data: list[bytes]) -> Any:
    """The message; gRPC itself would say INTERNAL where it is none."""
    try:
        return large_request.read(kind, data.pop())
    except DecodeError as error:
        raise invalid_argument(f"The request is no {kind.DESCRIPTOR.full_name}") from error


def _shown(message: str) -> str:
    """As much of an error's text as a client takes."""
    shown = message[:_LONGEST_MESSAGE]
    while len(quote(shown)) > _LONGEST_ENCODED:
        shown = shown[: len(shown) * 3 // 4]
    return shown if shown == message else shown + _CUT


def _guarded(kind: Any, answer: Answer, data: list[bytes], context: grpc.ServicerContext) -> Any:
    size = len(data[0])
    try:
        if size >= heap.HUGE_BYTES:
            heap.trim()  # What the library received it in.
        return answer(_parsed(kind, data))
    except StatusError as error:
        context.abort(_STATUS_CODES[error.code], _shown(error.message))
    except Exception as error:  # A bug here is an answer too, with the trace in the log.
        _logger.exception("gRPC request")
        context.abort(grpc.StatusCode.INTERNAL, fault(error).message)
    finally:
        if size >= heap.LARGE_BYTES:
            heap.trim_soon()
