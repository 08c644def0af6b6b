"""The step's files, for the replicas: what the launcher fetched, and what the chief makes of it.

Kubeflow's launcher knows the artifact store and its keys, and moves files to and from the step's
own pod only. So the step hands inputs to the replicas, takes the outputs of the chief, and nobody
else needs a key or a volume. Over HTTP, to whoever shows the token.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import http.server
import json
import os
import socket
import threading
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

Json = dict[str, Any]

STEP, FILES, DONE = "/step", "/files/", "/done"
PIECE = 1 << 20
"""Bytes that are read or written at once."""
_MOST_JSON = 64 << 20
_POLL_SECONDS = 0.05
"""How long `close`, and with it the end of the step, may wait for the server."""
_SILENCE_SECONDS = 120
"""After which a replica that says nothing more has its connection closed."""


@dataclasses.dataclass(frozen=True)
class Handed:
    """What a step hands over; all paths are below `root`, with slashes."""

    root: Path
    arguments: Sequence[str]
    """Of the entry point."""
    inputs: Sequence[str]
    """Files or folders."""
    outputs: Sequence[str]


class HandOver:
    """Serves a step's files until it is closed.

    Args:
      host: of this pod, as the others reach it.
      token: that they must show.

    Raises:
      OSError: nothing can be served at `host`.
    """

    def __init__(self, handed: Handed, host: str, token: str):
        self.delivered: Json | None = None
        """The ExecutorOutput, once all files of the outputs are here as they were made."""
        handler = type("Handler", (_Handler,), {"over": self, "handed": handed, "token": token})
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        server = type("Server", (_Server,), {"address_family": family})
        self._server: http.server.ThreadingHTTPServer = server((host, 0), handler)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def listed(root: Path, paths: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Every file at or below `paths`, which are below `root`, with its own path there."""
    for path in paths:
        top = root / path
        if top.is_file():
            yield path, top
        for folder, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                file = Path(folder, name)
                yield file.relative_to(root).as_posix(), file


def digest(file: Path) -> str:
    """SHA-256 of its content."""
    found = hashlib.sha256()
    with file.open("rb") as opened:
        for piece in iter(lambda: opened.read(PIECE), b""):
            found.update(piece)
    return found.hexdigest()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A replica that hangs up asks again; nobody reads a trace of it."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SILENCE_SECONDS
    over: HandOver
    handed: Handed
    token: str

    def log_message(self, format: str, *args: Any) -> None:
        """The step's log is for what the replicas do, not for each of their files."""

    def do_GET(self) -> None:
        if not self._may():
            return
        if self.path == STEP:
            files = {
                path: file.stat().st_size
                for path, file in listed(self.handed.root, self.handed.inputs)
            }
            told = {
                "arguments": list(self.handed.arguments),
                "files": files,
                "outputs": list(self.handed.outputs),
            }
            self._answer(200, json.dumps(told).encode())
            return
        path = self._path(self.handed.inputs)
        file = self.handed.root / path if path else None
        if file is None or not file.is_file():
            self._answer(404)
            return
        with file.open("rb") as opened:
            self.send_response(200)
            self.send_header("Content-Length", str(os.fstat(opened.fileno()).st_size))
            self.end_headers()
            for piece in iter(lambda: opened.read(PIECE), b""):
                self.wfile.write(piece)

    def do_PUT(self) -> None:
        if not self._may():
            return
        path = self._path(self.handed.outputs)
        length = self._length()
        if path is None or length is None:
            self._refuse(404)
            return
        file = self.handed.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            while length:
                piece = self.rfile.read(min(PIECE, length))
                if not piece:
                    break
                opened.write(piece)
                length -= len(piece)
        if length:
            self.close_connection = True
            return
        self._answer(200)

    def do_POST(self) -> None:
        if not self._may():
            return
        length = self._length()
        if self.path != DONE or length is None or length > _MOST_JSON:
            self._refuse(404)
            return
        try:
            told = json.loads(self.rfile.read(length))
            output, files = told["output"], told["files"]
        except (ValueError, TypeError, KeyError):
            self._answer(400)
            return
        here = {path: digest(file) for path, file in listed(self.handed.root, self.handed.outputs)}
        if here != files:
            self._answer(409)
            return
        self.over.delivered = output
        self._answer(200)

    def _may(self) -> bool:
        shown = self.headers.get("Authorization", "")
        if hmac.compare_digest(shown.encode(), f"Bearer {self.token}".encode()):
            return True
        self._refuse(401)
        return False

    def _path(self, allowed: Sequence[str]) -> str | None:
        """Of a file at or below what is allowed."""
        if not self.path.startswith(FILES):
            return None
        path = PurePosixPath(urllib.parse.unquote(self.path[len(FILES) :]))
        if path.is_absolute() or ".." in path.parts:
            return None
        fits = (
            path == PurePosixPath(each) or PurePosixPath(each) in path.parents for each in allowed
        )
        return str(path) if any(fits) else None

    def _length(self) -> int | None:
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isdecimal() else None

    def _refuse(self, status: int) -> None:
        """Answers without reading what is sent, after which the connection is no use."""
        self.close_connection = True
        self._answer(status)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def quoted(path: str) -> str:
    return FILES + urllib.parse.quote(path)
