from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    user: str | None = None


class HubServer(ThreadingHTTPServer):
    """A web server on this machine; remembers the paths that it was asked for."""

    daemon_threads = True
    scheme = "http"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_port}"

    def answer(
        self,
        path: str,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        user: str | None = None,
    ) -> str:
        """Answer `path` so from now on, only to `user` ("name:password") if given; its address."""
        self.answers[path] = Answer(body, status, headers or {}, user)
        return self.url + path

    @contextmanager
    def running(self) -> Iterator[HubServer]:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        answer = self.server.answers.get(self.path.partition("?")[0], Answer(status=404))
        if answer.user:
            token = base64.b64encode(answer.user.encode()).decode()
            if self.headers["Authorization"] != f"Basic {token}":
                answer = Answer(status=401)
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def stopped_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A server that listens but answers nobody until its running() is entered."""
    monkeypatch.setenv("NO_PROXY", "*")
    with HubServer() as server:
        yield server


@pytest.fixture
def server(stopped_server: HubServer) -> Iterator[HubServer]:
    with stopped_server.running():
        yield stopped_server
