"""A small web server for people at this machine: strict headers, known names, nothing written."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import webbrowser
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

HOST = "127.0.0.1"
LARGEST_BODY = 1 << 20
"""Bytes; whoever sends more gets a 413."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".png": "image/png"}


class PortError(RuntimeError):
    """The server cannot listen there; the message says what to do."""


class Site:
    """A WSGI application. For a rule with endpoint `page`, it calls the method `on_page`."""

    urls: Map
    largest_body = LARGEST_BODY

    def __init__(self, hosts: Iterable[str]) -> None:
        """Answers browsers that call this server by one of `hosts`.

        Checking the name keeps other web sites from reaching it through DNS.
        """
        self._hosts = frozenset(hosts)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = self.largest_body
        response = self._respond(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if _name(request.host) not in self._hosts:
            return self.refuse(request, 403, "This server is not called by that name.")
        try:
            endpoint, values = self.urls.bind_to_environ(request.environ).match()
            response: Response = getattr(self, f"on_{endpoint}")(request, **values)
            return response
        except HTTPException as error:
            return self.refuse(request, error.code or 500, error.description or error.name)
        except Exception as error:
            return self.fail(request, error)

    def refuse(self, request: Request, status: int, message: str) -> Response:
        """What a browser gets instead of what it asked for."""
        raise NotImplementedError

    def fail(self, request: Request, error: Exception) -> Response:
        """The answer where a method raised; raises again what it does not know."""
        raise error


def static_file(folder: Path, name: str) -> Response:
    """A file of the package, by its plain name.

    Raises:
      NotFound: there is none, or not of a kind that is given out.
    """
    file = folder / name
    kind = next((kind for suffix, kind in _TYPES.items() if name.endswith(suffix)), None)
    if "/" in name or name.startswith(".") or kind is None or not file.is_file():
        raise NotFound(f"There is no {name} here.")
    return Response(file.read_bytes(), mimetype=kind)


def hosts_of(host: str) -> Sequence[str]:
    """The names by which browsers may call a server that listens on `host`."""
    if host not in ("0.0.0.0", "::"):
        return [host, "localhost"]
    addresses = [item.address for found in psutil.net_if_addrs().values() for item in found]
    return ["localhost", socket.gethostname(), *addresses]


def serve(site: Site, host: str, port: int, title: str, *, open_page: bool = False) -> None:
    """Serves until Ctrl-C or SIGTERM, after a line that says where.

    Args:
      site: what to serve.
      host: address to listen on.
      port: 0 for any that is free.
      title: what is to be seen there: `http://… shows {title}`.
      open_page: whether to open a browser.

    Raises:
      PortError: nobody can listen there.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request
    try:
        server = make_server(host, port, site, threaded=True)
    except (OSError, OverflowError, UnicodeError, SystemExit) as error:
        raise PortError(
            f"Port {port} of {host} cannot be used; choose another with --port."
        ) from error
    end_on_sigterm()
    url = f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}"
    with contextlib.suppress(KeyboardInterrupt), server:
        print(f"{url} shows {title}. Ctrl-C stops it.", flush=True)
        if open_page:
            webbrowser.open(url)
        server.serve_forever()


def end_on_sigterm() -> None:
    """Lets SIGTERM end this process as Ctrl-C does, with everything that it opened closed."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _name(host: str) -> str:
    """Without the port."""
    return host.rpartition(":")[0] or host if not host.endswith("]") else host
