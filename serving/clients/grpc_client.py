"""Asks a model server over gRPC; needs no TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import grpc
from numpy.typing import ArrayLike, NDArray
from typing_extensions import Self

from serving.clients.grpc_messages import (
    GetModelMetadataRequest,
    GetModelMetadataResponse,
    GetModelStatusRequest,
    GetModelStatusResponse,
    PredictRequest,
    PredictResponse,
    SignatureDefMap,
)
from serving.clients.rest_client import TIMEOUT_SECONDS, ServingError
from serving.clients.tensors import decode, encode
from serving.server.signature import DataType

_LARGEST_HEADERS = 4 << 20
LARGEST_MESSAGE = 1 << 30
IDLE_SECONDS = 30.0
"""After which a server may have closed the connection, as the embedded one does after a minute. A
request of megabytes that is being written while the client learns of it is lost: UNAVAILABLE."""
_SIGNATURES = "signature_def"

_STATES = {0: "UNKNOWN", 10: "START", 20: "LOADING", 30: "AVAILABLE", 40: "UNLOADING", 50: "END"}
_CODES = {code.value[0]: code.name for code in grpc.StatusCode}

_BAD_REQUEST = 400
# As model_servers/http_rest_api_util.cc maps them; what is not here is 500.
_HTTP_STATUSES = {
    grpc.StatusCode.INVALID_ARGUMENT: _BAD_REQUEST,
    grpc.StatusCode.FAILED_PRECONDITION: _BAD_REQUEST,
    grpc.StatusCode.OUT_OF_RANGE: _BAD_REQUEST,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


class GrpcClient:
    """A model on a model server, over one channel.

    For example::

        with GrpcClient("localhost:8500", "letters") as client:
            client.predict({"images": images})["probabilities"]  # float32 [n, 10]
    """

    def __init__(self, target: str, model_name: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        """Connects with the first request.

        Args:
          target: such as `localhost:8500` or `unix:/path/of/socket`.
          model_name: name of the model on that server.
          timeout: seconds to wait for each answer.
        """
        self._model_name = model_name
        self._timeout = timeout
        self._answered_at = time.monotonic()
        limits = [
            ("grpc.max_send_message_length", LARGEST_MESSAGE),
            ("grpc.max_receive_message_length", LARGEST_MESSAGE),
            # Of an answer's headers, in which an error's text stands: from the first on gRPC would
            # now and then say RESOURCE_EXHAUSTED instead, which is not what the server said.
            ("grpc.max_metadata_size", _LARGEST_HEADERS),
            ("grpc.absolute_max_metadata_size", _LARGEST_HEADERS),
            # A proxy for the world does not know this machine's loopback.
            ("grpc.enable_http_proxy", 0),
        ]
        self._channel = grpc.insecure_channel(target, limits)
        self._predict = self._channel.unary_unary(
            "/tensorflow.serving.PredictionService/Predict",
            request_serializer=PredictRequest.SerializeToString,
            response_deserializer=PredictResponse.FromString,
        )
        self._metadata = self._channel.unary_unary(
            "/tensorflow.serving.PredictionService/GetModelMetadata",
            request_serializer=GetModelMetadataRequest.SerializeToString,
            response_deserializer=GetModelMetadataResponse.FromString,
        )
        self._status = self._channel.unary_unary(
            "/tensorflow.serving.ModelService/GetModelStatus",
            request_serializer=GetModelStatusRequest.SerializeToString,
            response_deserializer=GetModelStatusResponse.FromString,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the channel."""
        self._channel.close()

    def predict(
        self,
        inputs: Mapping[str, ArrayLike],
        signature_name: str = "serving_default",
        version: int | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Sends one batch.

        Args:
          inputs: arrays by input name, of the signature's own types; bytes and str make strings.
          signature_name: which signature to call.
          version: which version to ask; the latest by default.

        Returns:
          arrays by output name; strings as bytes objects.

        Raises:
          ServingError: the answer is an error, or there is none.
        """
        request = PredictRequest()
        self._specify(request.model_spec, version)
        request.model_spec.signature_name = signature_name
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(encode(value))
        response = self._ask(self._predict, request)
        return {name: decode(tensor) for name, tensor in response.outputs.items()}

    def status(self, version: int | None = None) -> list[dict[str, Any]]:
        """State and status of each version, in the form of `RestClient.status`.

        Raises:
          ServingError: the model or the version is unknown, or there is no answer.
        """
        request = GetModelStatusRequest()
        self._specify(request.model_spec, version)
        return [
            {
                "version": str(status.version),
                "state": _STATES.get(status.state, str(status.state)),
                "status": {
                    "error_code": _CODES.get(status.status.error_code, "UNKNOWN"),
                    "error_message": status.status.error_message,
                },
            }
            for status in self._ask(self._status, request).model_version_status
        ]

    def metadata(self, version: int | None = None) -> dict[str, Any]:
        """Model spec and signature defs, in the form of `RestClient.metadata`.

        Raises:
          ServingError: no such version is available, or there is no answer.
        """
        request = GetModelMetadataRequest(metadata_field=[_SIGNATURES])
        self._specify(request.model_spec, version)
        response = self._ask(self._metadata, request)
        found = SignatureDefMap.FromString(response.metadata[_SIGNATURES].value).signature_def
        definitions = {
            name: {
                "inputs": {key: _tensor_info(info) for key, info in definition.inputs.items()},
                "outputs": {key: _tensor_info(info) for key, info in definition.outputs.items()},
                "method_name": definition.method_name,
            }
            for name, definition in found.items()
        }
        return {
            "model_spec": {
                "name": response.model_spec.name,
                "signature_name": response.model_spec.signature_name,
                "version": str(response.model_spec.version.value),
            },
            "metadata": {_SIGNATURES: {_SIGNATURES: definitions}},
        }

    def _specify(self, model_spec: Any, version: int | None) -> None:
        model_spec.name = self._model_name
        if version is not None:
            model_spec.version.value = version

    def _ask(self, method: Any, request: Any) -> Any:
        was_idle = time.monotonic() - self._answered_at > IDLE_SECONDS
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            self._answered_at = time.monotonic()
            if was_idle and error.code() is grpc.StatusCode.UNAVAILABLE:
                return self._ask(method, request)  # Requests change nothing.
            raise ServingError(
                _HTTP_STATUSES.get(error.code(), 500), error.details() or error.code().name
            ) from error
        finally:
            self._answered_at = time.monotonic()


def _tensor_info(info: Any) -> dict[str, Any]:
    return {
        "name": info.name,
        "dtype": f"DT_{DataType(info.dtype).name}",
        "tensor_shape": {
            "dim": [{"size": str(dim.size), "name": dim.name} for dim in info.tensor_shape.dim],
            "unknown_rank": info.tensor_shape.unknown_rank,
        },
    }
