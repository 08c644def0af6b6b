"""The health service, asked by gRPC as a load balancer does."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator

import grpc
import pytest

from serving.server.grpc import health as grpc_health

SERVING = b"\x08\x01"


def named(service: str) -> bytes:
    """A HealthCheckRequest."""
    return b"\x0a" + bytes([len(service)]) + service.encode()


@pytest.fixture(scope="module")
def channel() -> Iterator[grpc.Channel]:
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((grpc_health.handler(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    server.stop(None)


@pytest.fixture
def check(channel: grpc.Channel) -> grpc.UnaryUnaryMultiCallable:
    return channel.unary_unary("/grpc.health.v1.Health/Check")


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        named(""),
        named("ModelService"),
        named("PredictionService"),
        # Of a field that is given twice the last one counts, and unknown ones are passed over.
        named("nobody") + named("ModelService"),
        b"\x10\x07" + named("ModelService"),
    ],
)
def test_services_of_the_server_serve(check, request_):
    assert check(request_, timeout=30) == SERVING


@pytest.mark.parametrize("request_", [named("nobody"), b"\x0a\x02\xff\xfe"])
def test_another_name_is_unknown(check, request_):
    with pytest.raises(grpc.RpcError) as caught:
        check(request_, timeout=30)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert caught.value.details() == "service name unknown"


@pytest.mark.parametrize("request_", [b"\x0a", b"\x0a\x09abc", b"\xff"])
def test_what_is_no_request_is_refused(check, request_):
    with pytest.raises(grpc.RpcError) as caught:
        check(request_, timeout=30)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_nothing_is_watched(channel):
    """As upstream, which answers Check alone."""
    with pytest.raises(grpc.RpcError) as caught:
        next(channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=30))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
