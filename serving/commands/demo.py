"""`python -m serving demo`."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable

from documents.features import Features
from documents.reader import read
from documents.saved_model import EXTRA
from documents.terminal.option_types import port_option
from serving.base_path import storage
from serving.base_path.versions import list_versions, provenance_of
from serving.clients.url_options import url_option
from serving.commands._served import add_served_arguments, demand_version, model_name
from serving.demo.app import App
from serving.demo.model import Demo, Description
from serving.launch import launch
from serving.pages.site import HOST, end_on_sigterm, hosts_of, serve

PORT = 8600

HELP = """\
a web page over the live model: fill in its features, or draw or upload an image, and see the answer

Starts a model server on the base path, unless --url names one that runs.

examples:
  python -m serving demo
  python -m serving demo --open
  python -m serving demo --url http://127.0.0.1:8501"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_served_arguments(parser)
    parser.add_argument(
        "--url", type=url_option, help="REST address of a model server that runs already"
    )
    parser.add_argument(
        "--host", default=HOST, help=f"address to listen on; 0.0.0.0 for all (default: {HOST})"
    )
    parser.add_argument(
        "--port", type=port_option, default=PORT, help=f"0 for any (default: {PORT})"
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def run(options: argparse.Namespace) -> int:
    end_on_sigterm()
    base_path = options.base_path
    name = model_name(options)
    described = described_in(base_path)
    with contextlib.ExitStack() as stack:
        if options.url:
            demo = Demo(options.url, name, options.url, described)
        else:
            demand_version(base_path)
            server = stack.enter_context(launch(base_path, name, backend=options.backend))
            server.wait_available()
            demo = Demo(server.rest_url, name, server.backend, described)
        serve(
            App(demo, hosts_of(options.host)),
            options.host,
            options.port,
            f"{demo.model_name} (model server: {demo.backend})",
            open_page=options.open,
        )
    return 0


def described_in(base_path: str) -> Callable[[int], Description]:
    """Gives what lies beside a version; empty where that says nothing."""

    def described(number: int) -> Description:
        for found in list_versions(base_path):
            if found.number == number:
                return _description(str(found.path))
        return Description()

    return described


def _description(version: str) -> Description:
    """What `features.json` says; versions of older releases have their labels elsewhere."""
    document = read(Features, os.path.join(version, EXTRA, Features.FILE), storage.reading)
    if document is None:
        provenance = provenance_of(version)
        return Description((provenance.labels if provenance else None) or ())
    return Description(document.label.values or (), document)
