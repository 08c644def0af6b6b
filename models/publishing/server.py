"""Serves published modules by the TensorFlow Hub web protocol, on this machine unless told.

Protocol: https://www.tensorflow.org/hub/hosting. `GET HANDLE?tf-hub-format=compressed` is
redirected to the archive; the handle alone answers the model card. Nothing else is given out.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, urlsplit

from documents.digest import file_digest
from documents.regular_file import regular_file
from models.publishing.archive import ARCHIVE, CARD, DIGEST

HOST, PORT = "127.0.0.1", 8800
_TYPES = {ARCHIVE: "application/gzip", DIGEST: "text/plain", CARD: "text/plain; charset=utf-8"}
"""What is given out of a module's folder."""
_HANDLE = re.compile("[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[0-9]+")
_SECONDS = 60
"""How long a client may take to ask, or to take the next bytes."""


class ServeError(ValueError):
    """The folder or the port cannot be used; one sentence says why."""


def modules_in(folder: Path) -> dict[str, str]:
    """sha256 by handle, as it was written down when each was published, sorted by handle.

    Raises:
      ServeError: an archive is not what was published.
    """
    found = {}
    for path in sorted(folder.glob(f"*/*/*/{ARCHIVE}")):
        handle = path.parent.relative_to(folder).as_posix()
        if not _HANDLE.fullmatch(handle):
            continue
        try:
            with regular_file(path.parent / DIGEST) as file:
                wanted = file.read(64).decode()
        except (OSError, UnicodeDecodeError):
            wanted = ""
        if file_digest(path) != wanted:
            raise ServeError(
                f"{path} is not what was published, as {DIGEST} beside it tells: remove"
                f" {path.parent} and publish the version again."
            )
        found[handle] = wanted
    return found


class HubServer(ThreadingHTTPServer):
    """Answers for the modules in a folder; those that are published later as well."""

    daemon_threads = True

    def __init__(self, folder: Path, host: str = HOST, port: int = PORT):
        """Listens, and answers once `serve_forever` is called.

        Raises:
          ServeError: nobody can listen there.
        """
        self.folder = folder
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError, UnicodeError) as error:
            raise ServeError(
                f"Port {port} of {host} cannot be used ({getattr(error, 'strerror', error)});"
                " choose another with --port."
            ) from error

    @property
    def url(self) -> str:
        """Its address, which handles follow."""
        host = str(self.server_address[0])
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is its own business."""


class _Handler(BaseHTTPRequestHandler):
    server: HubServer
    timeout = _SECONDS
    server_version, sys_version = "modules", ""

    def do_GET(self) -> None:
        """The protocol."""
        parts = urlsplit(self.path)
        path = parts.path.strip("/")
        if not path:
            self._text(HTTPStatus.OK, self._index())
        elif _HANDLE.fullmatch(path):
            self._module(path, parse_qs(parts.query).get("tf-hub-format", [""])[0])
        else:
            handle, _, name = path.rpartition("/")
            if _HANDLE.fullmatch(handle) and name in _TYPES:
                self._file(handle, name)
            else:
                self._missing()

    def do_HEAD(self) -> None:
        """As GET, without what it would send."""
        self.do_GET()

    def _module(self, handle: str, form: str) -> None:
        if not self._is_there(handle):
            self._missing()
        elif form == "compressed":
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", f"/{handle}/{ARCHIVE}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif form:
            self._text(
                HTTPStatus.BAD_REQUEST,
                f"tf-hub-format={form[:40]} is not offered; ask for tf-hub-format=compressed.\n",
            )
        else:
            self._file(handle, CARD)

    def _file(self, handle: str, name: str) -> None:
        with contextlib.ExitStack() as stack:
            try:
                file: IO[bytes] = stack.enter_context(
                    regular_file(self.server.folder / handle / name)
                )
            except OSError:
                self._missing()
                return
            size = file.seek(0, 2)
            file.seek(0)
            self._head(HTTPStatus.OK, _TYPES[name], size)
            if self.command != "HEAD":
                shutil.copyfileobj(file, self.wfile)

    def _is_there(self, handle: str) -> bool:
        return (self.server.folder / handle / ARCHIVE).is_file()

    def _index(self) -> str:
        handles = (
            path.parent.relative_to(self.server.folder).as_posix()
            for path in sorted(self.server.folder.glob(f"*/*/*/{ARCHIVE}"))
        )
        return "".join(f"{handle}\n" for handle in handles if _HANDLE.fullmatch(handle))

    def _missing(self) -> None:
        self._text(HTTPStatus.NOT_FOUND, "There is no such module here; / lists those there are.\n")

    def _text(self, status: HTTPStatus, text: str) -> None:
        content = text.encode()
        self._head(status, "text/plain; charset=utf-8", len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _head(self, status: HTTPStatus, kind: str, size: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing for each request."""
