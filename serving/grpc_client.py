"""Asks a model server over gRPC; needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import grpc
import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import Self

from serving.client import TIMEOUT_SECONDS, ServingError
from serving.grpc_messages import (
    GetModelStatusRequest,
    GetModelStatusResponse,
    PredictRequest,
    PredictResponse,
    Tensor,
)

LARGEST_MESSAGE = 1 << 30

_STRING = 7
# DataType of tensorflow/core/framework/types.proto; the field of TensorProto that holds its values.
_TYPES: dict[int, tuple[np.dtype[Any], str]] = {
    1: (np.dtype(np.float32), "float_val"),
    2: (np.dtype(np.float64), "double_val"),
    3: (np.dtype(np.int32), "int_val"),
    4: (np.dtype(np.uint8), "int_val"),
    5: (np.dtype(np.int16), "int_val"),
    6: (np.dtype(np.int8), "int_val"),
    _STRING: (np.dtype(object), "string_val"),
    9: (np.dtype(np.int64), "int64_val"),
    10: (np.dtype(np.bool_), "bool_val"),
    17: (np.dtype(np.uint16), "int_val"),
    19: (np.dtype(np.float16), "half_val"),
    22: (np.dtype(np.uint32), "uint32_val"),
    23: (np.dtype(np.uint64), "uint64_val"),
}
_NUMBERS = {dtype: number for number, (dtype, _) in _TYPES.items()}

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

        with GrpcClient("localhost:8500", "fashion_mnist") as client:
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
        limits = [
            ("grpc.max_send_message_length", LARGEST_MESSAGE),
            ("grpc.max_receive_message_length", LARGEST_MESSAGE),
            # A proxy for the world does not know this machine's loopback.
            ("grpc.enable_http_proxy", 0),
        ]
        self._channel = grpc.insecure_channel(target, limits)
        self._predict = self._channel.unary_unary(
            "/tensorflow.serving.PredictionService/Predict",
            request_serializer=PredictRequest.SerializeToString,
            response_deserializer=PredictResponse.FromString,
        )
        self._status = self._channel.unary_unary(
            "/tensorflow.serving.ModelService/GetModelStatus",
            request_serializer=GetModelStatusRequest.SerializeToString,
            response_deserializer=GetModelStatusResponse.FromString,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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

    def _specify(self, model_spec: Any, version: int | None) -> None:
        model_spec.name = self._model_name
        if version is not None:
            model_spec.version.value = version

    def _ask(self, method: Any, request: Any) -> Any:
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise ServingError(
                _HTTP_STATUSES.get(error.code(), 500), error.details() or error.code().name
            ) from error


def encode(value: ArrayLike) -> Any:
    """An array as a TensorProto.

    Raises:
      TypeError: TensorFlow has no such type.
    """
    array = np.asarray(value)
    if array.dtype.kind in "SUO":
        # numpy's own fixed-width strings drop trailing zero bytes.
        array = np.asarray(value, object)
    if array.dtype not in _NUMBERS:
        raise TypeError(f"An array of {array.dtype} cannot be sent to a model server.")
    tensor = Tensor(dtype=_NUMBERS[array.dtype])
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    if array.dtype == object:
        tensor.string_val.extend(
            item.encode() if isinstance(item, str) else item for item in array.ravel()
        )
    else:
        tensor.tensor_content = array.astype(array.dtype.newbyteorder("<")).tobytes()
    return tensor


def decode(tensor: Any) -> NDArray[Any]:
    """The array of a TensorProto, whichever way its values were written.

    Raises:
      ServingError: it is of a type that has no array.
    """
    if tensor.dtype not in _TYPES:
        raise ServingError(500, f"an output of DataType {tensor.dtype}, which is not supported")
    dtype, field = _TYPES[tensor.dtype]
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, dtype.newbyteorder("<")).reshape(shape)
    values = getattr(tensor, field)
    if dtype == np.float16:
        array = np.array(values, np.uint16).view(np.float16)
    else:
        array = np.empty(len(values), dtype)
        array[:] = values
    # TensorFlow lets the last value stand for all that follow (framework/tensor.proto).
    missing = int(np.prod(shape)) - len(array)
    if missing and len(array):
        array = np.concatenate([array, np.repeat(array[-1:], missing)])
    return array.reshape(shape)
