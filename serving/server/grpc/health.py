"""The health service of gRPC (grpc/health/v1/health.proto), as `--enable_grpc_healthcheck_service`
of upstream opens it: once the ports are open, models are loaded."""

from __future__ import annotations

import grpc

from serving.server.tensors import protobuf

_SERVICE = "grpc.health.v1.Health"
_NAMES = ("", "ModelService", "PredictionService")
"""Of the server itself, and of those that upstream names (model_servers/server.cc)."""
_NAME = 1 << 3 | protobuf.LENGTH
_SERVING = b"\x08\x01"
"""A HealthCheckResponse of that status."""


def handler() -> grpc.GenericRpcHandler:
    """To be added to a grpc.Server; its package has messages for this, which nothing else needs."""
    check = grpc.unary_unary_rpc_method_handler(_check)
    return grpc.method_handlers_generic_handler(_SERVICE, {"Check": check})


def _check(data: bytes, context: grpc.ServicerContext) -> bytes:
    name = b""
    try:
        for tag, _, start, end in protobuf.fields(data, 0, len(data)):
            if tag == _NAME:
                name = data[start:end]
    except protobuf.WireError:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "The request is no HealthCheckRequest")
    if name.decode("utf-8", "replace") not in _NAMES:
        context.abort(grpc.StatusCode.NOT_FOUND, "service name unknown")
    return _SERVING
