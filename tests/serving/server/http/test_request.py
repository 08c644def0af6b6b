"""How a request is answered that is there as a whole."""

from __future__ import annotations

import gzip
import json

import pytest

from serving.server import heap
from serving.server.http.request import HttpRequest
from serving.server.rest import Answer, Body
from serving.server.status import Code, StatusError


def echo(method: str, path: str, body: Body, origin: str) -> Answer:
    return Answer(200, b" ".join((method.encode(), path.encode(), body, origin.encode())))


def request(body: bytes, packed: bool = False) -> HttpRequest:
    return HttpRequest("POST", "/a", body, keep_alive=True, gzip=packed, origin="http://o")


@pytest.mark.parametrize("packed", [False, True])
def test_the_handler_gets_what_was_sent(packed: bool):
    body = gzip.compress(b"x") if packed else b"x"
    answer = request(body, packed).answer(echo, max_body=9)
    assert (answer.status, answer.body) == (200, b"POST /a x http://o")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (gzip.compress(b"x" * 10), 413, "larger than 9 bytes once it is unpacked"),
        (gzip.compress(b"x")[:-3], 400, "it ends too early"),
        (b"not packed", 400, "it is no gzip, or damaged"),
    ],
    # Names of their own: packed bytes hold the time, which no test's name may.
    ids=["large", "cut", "plain"],
)
def test_what_cannot_be_unpacked_is_told(body: bytes, status: int, said: str):
    answer = request(body, packed=True).answer(echo, max_body=9)
    assert answer.status == status
    assert said in json.loads(answer.body)["error"]


def test_an_error_of_the_handler_is_an_answer():
    def fail(*_: object) -> Answer:
        raise StatusError(Code.NOT_FOUND, "no such thing")

    answer = request(b"x").answer(fail, max_body=9)
    assert (answer.status, json.loads(answer.body)) == (404, {"error": "no such thing"})


def test_memory_is_given_back_after_a_large_body(monkeypatch: pytest.MonkeyPatch):
    trims: list[None] = []
    monkeypatch.setattr(heap, "trim_soon", lambda: trims.append(None))
    request(b"x").answer(echo, max_body=9)
    assert not trims
    request(b"x" * heap.LARGE_BYTES).answer(echo, max_body=9)
    assert trims
