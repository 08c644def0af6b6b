"""HTTP framing, spoken over a bare socket with a server that runs."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import urllib.parse
from collections.abc import Iterator

import pytest

from serving.launch import ModelServer
from tests.there import there

pytestmark = pytest.mark.slow

BODY = b'{"instances": [[1, 2]]}'
ANSWER = {"predictions": [[3.0, 5.0]]}


@pytest.fixture
def connection(model_server: ModelServer) -> Iterator[socket.socket]:
    url = urllib.parse.urlsplit(model_server.rest_url)
    with socket.create_connection((url.hostname, there(url.port)), timeout=60) as opened:
        yield opened


def post(body: bytes = BODY, head: bytes = b"") -> bytes:
    framing = head or b"Content-Length: %d\r\n" % len(body)
    return b"POST /v1/models/small:predict HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n" + body


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    with connection.makefile("rb", buffering=0) as file:
        status = int(file.readline().split()[1])
        headers = {}
        while line := file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        body = b""
        while len(body) < int(headers.get("content-length", 0)):
            body += file.read(int(headers["content-length"]) - len(body))
    return status, headers, body


def is_closed(connection: socket.socket) -> bool:
    with contextlib.suppress(ConnectionError):
        return connection.recv(1) == b""
    return True


def test_a_connection_is_kept_alive(connection: socket.socket):
    for _ in range(3):
        connection.sendall(post())
        status, _, body = read_answer(connection)
        assert (status, json.loads(body)) == (200, ANSWER)


def test_a_request_may_come_byte_by_byte(connection: socket.socket):
    for byte in post():
        connection.sendall(bytes([byte]))
    assert json.loads(read_answer(connection)[2]) == ANSWER


def test_pipelined_requests_are_answered_in_order(connection: socket.socket):
    bodies = [b'{"instances": [[%d, 0]]}' % number for number in range(100)]
    connection.sendall(b"".join(map(post, bodies)))
    for number in range(100):
        assert json.loads(read_answer(connection)[2]) == {"predictions": [[2.0 * number + 1, 1.0]]}


def test_a_chunked_body(connection: socket.socket):
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:5], BODY[5:]))
    connection.sendall(post(chunks + b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"))
    assert json.loads(read_answer(connection)[2]) == ANSWER


OFFERS = {
    # As Java's client has it.
    "HTTP/2": (
        b"Connection: Upgrade, HTTP2-Settings",
        b"HTTP2-Settings: AAEAAEAA",
        b"Upgrade: h2c",
    ),
    "WebSocket": (
        b"Upgrade: websocket",
        b"connection: keep-alive, upgrade",
        b"Sec-WebSocket-Key: x",
    ),
    "TLS": (b"Connection: upgrade", b"Upgrade: TLS/1.0"),
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_an_offer_of_another_protocol_is_passed_over(
    connection: socket.socket, offer: tuple[bytes, ...]
):
    offered = b"".join(line + b"\r\n" for line in offer)
    length = b"Content-Length: %d\r\n" % len(BODY)
    packed = gzip.compress(BODY)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    chunked = b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
    status = b"GET /v1/models/small HTTP/1.1\r\nHost: a\r\n" + offered + b"\r\n"
    requests = post(head=offered + length), status, post(chunks, chunked + offered), post()
    connection.sendall(b"".join(requests))
    found = [read_answer(connection) for _ in requests]
    assert [status for status, _, _ in found] == [200] * 4
    assert [json.loads(found[place][2]) for place in (0, 2, 3)] == [ANSWER] * 3
    for byte in post(head=length + offered):
        connection.sendall(bytes([byte]))
    assert json.loads(read_answer(connection)[2]) == ANSWER
    waits = post(b"", b"Expect: 100-continue\r\n" + length + offered)
    connection.sendall(waits)
    assert read_answer(connection)[0] == 100
    connection.sendall(BODY)
    assert json.loads(read_answer(connection)[2]) == ANSWER
    connection.sendall(post(head=length + b"Connection: close\r\n" + offered))
    assert json.loads(read_answer(connection)[2]) == ANSWER
    assert is_closed(connection)


def test_a_client_may_wait_for_permission_to_send_its_body(connection: socket.socket):
    connection.sendall(post(b"", b"Content-Length: %d\r\nExpect: 100-continue\r\n" % len(BODY)))
    assert read_answer(connection)[0] == 100
    connection.sendall(BODY)
    assert json.loads(read_answer(connection)[2]) == ANSWER


def test_close_and_http_1_0_end_the_connection(connection: socket.socket):
    connection.sendall(b"GET /v1/models/small HTTP/1.0\r\n\r\n")
    status, headers, _ = read_answer(connection)
    assert (status, headers["connection"]) == (200, "close")
    assert is_closed(connection)


def test_head_has_no_body(connection: socket.socket):
    connection.sendall(b"HEAD /v1/models/small HTTP/1.1\r\nHost: a\r\n\r\n" + post())
    received = b""
    while b"predictions" not in received:
        received += connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"Malformed request" not in received


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (
            post(b"0\r\n\r\n", b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n"),
            400,
        ),
        (post(b"zz\r\n", b"Transfer-Encoding: chunked\r\n"), 400),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(20_000)), 431),
        (post(b"", b"Content-Length: 99999999999\r\n"), 413),
        (b"GET /" + b"a" * 200_000, 431),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000, 431),
        (post(b"0\r\nX: " + b"a" * 200_000, b"Transfer-Encoding: chunked\r\n"), 431),
    ],
)
def test_what_breaks_a_limit_is_refused_and_the_connection_ends(
    connection: socket.socket, model_server: ModelServer, sent: bytes, status: int
):
    with contextlib.suppress(ConnectionError):
        connection.sendall(sent)
    found, headers, body = read_answer(connection)
    assert found == status
    assert json.loads(body)["error"]
    assert headers["connection"] == "close"
    assert is_closed(connection)
    assert model_server.alive


def test_a_body_without_a_length_is_limited_too(connection: socket.socket):
    connection.sendall(post(b"", b"Transfer-Encoding: chunked\r\n"))
    chunk = b"%x\r\n%s\r\n" % (2**20, b" " * 2**20)
    with contextlib.suppress(ConnectionError):
        for _ in range(80):
            connection.sendall(chunk)
    # The server may have closed before it read all, which can cost the answer on the way.
    with contextlib.suppress(ConnectionError, IndexError):
        assert read_answer(connection)[0] == 413


def test_a_body_packed_with_gzip_is_unpacked(connection: socket.socket):
    packed = gzip.compress(BODY)
    for name in (b"Content-Encoding: gzip", b"content-encoding: x-gzip"):
        connection.sendall(post(packed, name + b"\r\nContent-Length: %d\r\n" % len(packed)))
        status, _, body = read_answer(connection)
        assert (status, json.loads(body)) == (200, ANSWER)
    connection.sendall(post())  # The next one is not packed again.
    assert read_answer(connection)[0] == 200


def test_a_body_that_is_not_what_it_says_is_refused(connection: socket.socket):
    for body, status, text in (
        (BODY, 400, "cannot be unpacked"),
        (gzip.compress(BODY)[:-3], 400, "ends too early"),
        (gzip.compress(bytes(65 * 2**20)), 413, "--rest_api_max_body_bytes"),
    ):
        head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(body)
        connection.sendall(post(body, head))
        found, _, answer = read_answer(connection)
        assert found == status
        assert text in json.loads(answer)["error"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [(b"Origin: https://example.com\r\n", 200), (b"Origin: null\r\n", 400), (b"", 400)],
)
def test_a_browser_may_ask_before_it_sends(connection: socket.socket, origin: bytes, status: int):
    ask = b"OPTIONS /v1/models/small:predict HTTP/1.1\r\nHost: a\r\n" + origin + b"\r\n"
    connection.sendall(ask)
    found, headers, body = read_answer(connection)
    assert (found, body) == (status, b"")
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("target", "status", "said"),
    [
        (b"http://elsewhere:80/v1/models/small", 200, "AVAILABLE"),
        (b"/v1/models/%73mall", 200, "AVAILABLE"),
        (b"/v1/models/small?x=1", 404, "Could not find any versions of model small?x=1"),
        (b"//v1/models/small", 404, "Not found: GET /models/small"),
        (b"/v1//models/small", 400, "Malformed request: GET /v1//models/small"),
        (b"/v1/models/[small]", 400, "its path is no URI"),
    ],
)
def test_a_target_is_read_as_a_uri(
    connection: socket.socket, target: bytes, status: int, said: str
):
    connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    found, _, body = read_answer(connection)
    assert (found, said in body.decode()) == (status, True)


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"PROPFIND", b"LOCK"])
def test_methods_that_upstream_does_not_take_are_not_implemented(
    connection: socket.socket, method: bytes
):
    connection.sendall(method + b" /v1/models/small HTTP/1.1\r\nHost: a\r\n\r\n")
    assert read_answer(connection)[0] == 501


def test_a_client_that_sends_no_more_gets_what_it_asked_for(connection: socket.socket):
    bodies = [b'{"instances": [[%d, 0]]}' % number for number in range(5)]
    connection.sendall(b"".join(map(post, bodies)) + post()[:-3])
    connection.shutdown(socket.SHUT_WR)
    for number in range(5):
        assert json.loads(read_answer(connection)[2]) == {"predictions": [[2.0 * number + 1, 1.0]]}
    assert is_closed(connection)
