"""`python -m serving demo`."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import socket
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from werkzeug.serving import make_server

from serving.commands._served import add_served_arguments, demand_version, model_name
from serving.demo.app import App, Demo
from serving.launch import launch
from serving.versions import list_versions, read_provenance

HOST = "127.0.0.1"
PORT = 8600

HELP = """\
a web page over the live model: draw, upload or pick an image and see the answer

Starts a model server on the base path, unless --url names one that runs.

examples:
  python -m serving demo
  python -m serving demo --open
  python -m serving demo --url http://127.0.0.1:8501"""


class DemoError(RuntimeError):
    """The demo cannot start; the message says what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_served_arguments(parser)
    parser.add_argument("--url", help="REST address of a model server that runs already")
    parser.add_argument(
        "--host", default=HOST, help=f"address to listen on; 0.0.0.0 for all (default: {HOST})"
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"0 for any (default: {PORT})")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def run(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    base_path = options.base_path
    name = model_name(options)
    labels = _labels(base_path)
    with contextlib.ExitStack() as stack:
        if options.url:
            demo = Demo(options.url, name, options.url, labels)
        else:
            demand_version(base_path)
            server = stack.enter_context(launch(base_path, name, backend=options.backend))
            server.wait_available()
            demo = Demo(server.rest_url, name, server.backend, labels)
        _serve(demo, options)
    return 0


def _serve(demo: Demo, options: argparse.Namespace) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request
    try:
        server = make_server(
            options.host, options.port, App(demo, _hosts(options.host)), threaded=True
        )
    except (OSError, SystemExit) as error:
        raise DemoError(
            f"Port {options.port} of {options.host} cannot be used; choose another with --port."
        ) from error
    url = f"http://{options.host}:{server.server_port}"
    print(
        f"{demo.model_name} on {url} (model server: {demo.backend}). Ctrl-C stops it.", flush=True
    )
    if options.open:
        webbrowser.open(url)
    with contextlib.suppress(KeyboardInterrupt), server:
        server.serve_forever()


def _hosts(host: str) -> Sequence[str]:
    """The names by which browsers may call a server that listens on `host`."""
    if host != "0.0.0.0":
        return [host, "localhost"]
    addresses = [item.address for found in psutil.net_if_addrs().values() for item in found]
    return ["localhost", socket.gethostname(), *addresses]


def _labels(base_path: str) -> Callable[[int], Sequence[str]]:
    def labels(version: int) -> Sequence[str]:
        for found in list_versions(base_path):
            if found.number == version:
                return (read_provenance(Path(found.path)) or {}).get("labels") or ()
        return ()

    return labels


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
