"""Answers of stores, and of what stands before them, that trying again does not change."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from serving.base_path import storage
from serving.objects import patience, place
from serving.objects.refusals import google_login
from serving.objects.store import StoreError

RIGHTS = "give these credentials the right to list, read, write and delete the objects of bucket b"


class Refusing(ThreadingHTTPServer):
    """Answers every request alike."""

    answer: tuple[int, str, dict[str, str]] = (200, "", {})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Refusing

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, text, headers = self.server.answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *arguments: object) -> None: ...


@pytest.fixture(scope="module")
def running() -> Iterator[Refusing]:
    server = Refusing(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", address)
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "a")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "b")
        for name in ("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        patch.setattr(patience, "WAITS", ())
        place._store.cache_clear()
        yield server
    place._store.cache_clear()
    server.shutdown()
    server.server_close()


def refused(address: str) -> str:
    with pytest.raises(StoreError) as caught:
        storage.write(address, io.BytesIO(b"a"))
    return str(caught.value.strerror)


AMAZONS = {
    "AccessDenied": (403, RIGHTS),
    "InvalidAccessKeyId": (403, "correct AWS_ACCESS_KEY_ID"),
    "SignatureDoesNotMatch": (403, "correct AWS_SECRET_ACCESS_KEY"),
    "RequestTimeTooSkewed": (403, "set the clock of this machine right"),
    "ExpiredToken": (400, "make new credentials"),
    "InvalidToken": (400, "correct or unset AWS_SESSION_TOKEN"),
    "AuthorizationHeaderMalformed": (400, "set AWS_DEFAULT_REGION to that of the bucket"),
    "PermanentRedirect": (301, "set AWS_DEFAULT_REGION to that of the bucket"),
    "QuotaExceeded": (403, "make room there"),
}


@pytest.mark.medium
@pytest.mark.parametrize("code", AMAZONS)
def test_what_amazons_code_tells_is_what_mends_it(running: Refusing, code: str) -> None:
    status, mend = AMAZONS[code]
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>No, no.</Message></Error>"
    running.answer = (status, text, {"x-amz-bucket-region": "eu-west-1"})
    said = refused("s3://b/a")
    assert said.startswith(f"the store answers {status} ({code}: No, no): {mend}")


@pytest.mark.parametrize(
    ("status", "reason", "mend"),
    [
        (403, "forbidden", RIGHTS),
        (403, "accountDisabled", "see to the billing account of the project"),
    ],
)
def test_what_google_says_of_an_upload_is_told(
    running: Refusing, status: int, reason: str, mend: str
) -> None:
    error = {"code": status, "message": "No, no.", "errors": [{"reason": reason}]}
    running.answer = (status, json.dumps({"error": error}), {"Content-Type": "application/json"})
    assert refused("gs://b/a") == f"the store answers {status} (No, no): {mend}"


@pytest.mark.medium
@pytest.mark.parametrize(
    ("scheme", "status", "variable"),
    [
        # botocore asks for a region after the first one, and not after the second.
        ("s3", 301, "AWS_ENDPOINT_URL"),
        ("s3", 308, "AWS_ENDPOINT_URL"),
        ("gs", 302, "STORAGE_EMULATOR_HOST"),
    ],
)
def test_a_server_that_leads_elsewhere_is_no_store(
    running: Refusing, scheme: str, status: int, variable: str
) -> None:
    running.answer = (status, "", {"Location": "/"})
    assert refused(f"{scheme}://b/a").endswith(
        f"to another address, as of http:// to https://; correct {variable}"
    )


@pytest.mark.medium
@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_a_page_is_no_answer(running: Refusing, scheme: str) -> None:
    running.answer = (200, "<html>Log in</html>", {"Content-Type": "text/html"})
    assert "at last with an answer that is none of an object store (" in refused(f"{scheme}://b/a")
    running.answer = (403, "<html>Blocked</html>", {"Content-Type": "text/html"})
    assert refused(f"{scheme}://b/a") == f"the store answers 403: {RIGHTS}"


@pytest.mark.parametrize(
    ("scheme", "variable"), [("s3", "AWS_ENDPOINT_URL"), ("gs", "STORAGE_EMULATOR_HOST")]
)
def test_a_server_that_knows_no_bucket_has_no_empty_one(
    running: Refusing, scheme: str, variable: str
) -> None:
    running.answer = (404, "<html>Not found</html>", {"Content-Type": "text/html"})
    said = f"there is no bucket called b; make it, or correct the address or {variable}"
    assert refused(f"{scheme}://b/a") == said
    for look in (storage.children, storage.files):
        with pytest.raises(StoreError) as caught:
            look(f"{scheme}://b/a")
        assert caught.value.strerror == said


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_who_is_not_reached_is_named(
    running: Refusing, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
    place._store.cache_clear()
    said = "ConnectionError of 127.0.0.1:1 (Connection refused); run the same again"
    assert said in refused(f"{scheme}://b/a")
    place._store.cache_clear()


def test_what_google_says_of_credentials_is_told_where_it_says_something() -> None:
    said = "invalid_grant: Invalid JWT: Token must be in a reasonable timeframe."
    assert google_login(ValueError(said, {})).endswith("; set the clock of this machine right")
    assert "(invalid_grant: Bad request); make some" in google_login(
        ValueError("invalid_grant: Bad request", {})
    )
    assert google_login(ValueError()).startswith("no credentials for gs:// are found, or they")
