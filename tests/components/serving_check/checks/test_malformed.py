"""When a malformed request counts as refused well."""

import contextlib
import dataclasses
import errno
from types import SimpleNamespace

import pytest

from components.serving_check.answers import error_text
from components.serving_check.catalogue import MalformedRequest
from components.serving_check.checks import malformed
from components.serving_check.checks.malformed import Refused, judge
from components.serving_check.connection import Connection
from components.serving_check.options import Options
from components.serving_check.served import Served
from tests.components.serving_check.parts import served_of
from tests.fashion_mnist import CHECK_OPTIONS

GOOD = Refused("empty body", 400, 400, "The document is empty", True)


def test_clear_errors_pass():
    [check] = judge([GOOD, GOOD], Options())
    assert check.ok
    assert check.expected.startswith("a clear error for 2 requests")
    assert check.found == "all of them"
    assert GOOD.problem == ""


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"status": 200}, "1 wrong: status 200 instead of 400 for empty body"),
        ({"status": 500}, "1 wrong: status 500 instead of 400 for empty body"),
        ({"error": ""}, "1 wrong: no error text for empty body"),
        ({"next_answer_right": False}, "1 wrong: a wrong answer right after empty body"),
        (
            {"status": None, "error": "timed out"},
            "1 wrong: no answer to empty body (timed out)",
        ),
    ],
)
def test_a_bad_refusal_is_named(change, text):
    [check] = judge([GOOD, dataclasses.replace(GOOD, **change)], Options())
    assert not check.ok
    assert check.found == text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EMFILE, "Too many open files"), False),
        (PermissionError(errno.EPERM, "a firewall forbids it"), False),
        (TimeoutError("timed out"), False),
        (ConnectionResetError(errno.ECONNRESET, "reset"), True),
    ],
)
def test_only_a_server_that_hangs_up_is_to_blame_for_no_answer(monkeypatch, error, told):
    """One that is silent may be held, and is asked again: see run_checks."""

    def fail(*_: object) -> None:
        raise error

    request = MalformedRequest("empty body", "POST", "/", b"", 400)
    monkeypatch.setattr(malformed, "malformed_requests", lambda *_: [request])
    monkeypatch.setattr(Connection, "exchange", fail)
    monkeypatch.setattr(Served, "pool", lambda *_: SimpleNamespace(real=range(1)))
    monkeypatch.setattr(Served, "problem", lambda *_: None)
    served = served_of(
        server=SimpleNamespace(rest_url="http://127.0.0.1:1"), options=CHECK_OPTIONS, model_name="m"
    )
    expected = contextlib.nullcontext() if told else pytest.raises(type(error))
    with expected:
        [refused] = malformed.measure(served)
        assert "no answer to empty body" in refused.problem


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": "No values"}', "No values"),
        (b'{"error": {"code": 3}}', ""),
        (b'["error"]', ""),
        (b"<html>Bad Request</html>", ""),
        (b"\xff", ""),
        (b"", ""),
    ],
)
def test_the_error_text_is_what_clients_can_show(body, text):
    assert error_text(body) == text


def test_the_first_of_several_bad_refusals_is_named():
    bad = [dataclasses.replace(GOOD, name=name, status=200) for name in ("no JSON", "no body")]
    [check] = judge([GOOD, *bad], Options())
    assert check.found == "2 wrong: status 200 instead of 400 for no JSON"
