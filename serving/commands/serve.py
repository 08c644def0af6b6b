"""`python -m serving serve`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from pathlib import Path

from documents.terminal.option_types import port_option
from serving.backends.backend import Order
from serving.backends.errors import LaunchError
from serving.backends.place import grpc_port, server_folder
from serving.backends.port import HOST, reserve_port
from serving.backends.process import ServerProcess
from serving.clients.rest_client import RestClient, ServingError
from serving.commands._served import add_served_arguments, demand_version, model_name
from serving.launch import STOP_SECONDS, absolute, choose

HELP = """\
start a model server on a base path, until Ctrl-C

Takes the first that works here: tensorflow_model_server on PATH, the Docker image
tensorflow/serving, and the embedded server, which is for development. Each follows the base path,
so a publish or a rollback needs no restart. Its log goes to standard error.

examples:
  python -m serving serve
  python -m serving serve --backend docker
  python -m serving serve --base-path /srv/letters --rest-port 9501 --grpc-port 0"""

REST_PORT, GRPC_PORT = 8501, 8500
START_SECONDS = 120.0
POLL_SECONDS = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_served_arguments(parser)
    parser.add_argument(
        "--rest-port",
        type=port_option,
        default=REST_PORT,
        help=f"0 for a free one (default: {REST_PORT})",
    )
    parser.add_argument(
        "--grpc-port",
        type=port_option,
        default=GRPC_PORT,
        help=f"0 for a Unix socket, with Docker a free port (default: {GRPC_PORT})",
    )


def run(options: argparse.Namespace) -> int:
    base = absolute(options.base_path)
    name = model_name(options)
    demand_version(base)
    starter = choose(options.backend)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(server_folder()))
        # Before a model is loaded, after which servers open their ports.
        reserve_port(options.rest_port, "--rest-port").close()
        reserve_port(options.grpc_port, "--grpc-port").close()
        order = Order(
            base_path=base,
            model_name=name,
            flags=[],
            env={},
            grpc=True,
            folder=folder,
            output=sys.stderr.buffer,
            rest_port=options.rest_port,
            grpc_port=options.grpc_port or grpc_port(folder, cleanup),
        )
        with contextlib.suppress(KeyboardInterrupt):
            process = starter.start(order, cleanup)
            cleanup.callback(process.stop, STOP_SECONDS)
            url = f"http://{HOST}:{process.port}"
            version = _wait(process, RestClient(url, name, timeout=1))
            print(f"Serving version {version} of {name} from {base} ({starter.name}):")
            print(f"  REST  {url}/v1/models/{name}")
            print(f"  gRPC  {process.grpc_target}")
            print(f"Try:  curl {url}/v1/models/{name}/metadata", flush=True)
            raise LaunchError(f"The model server ended with exit code {process.wait()}.")
    return 0


def _wait(process: ServerProcess, client: RestClient) -> str:
    """The number of the version that is available first.

    Raises:
      LaunchError: the server ended, or took too long.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.returncode is not None:
            raise LaunchError(f"The model server ended with exit code {process.returncode}.")
        with contextlib.suppress(OSError, ServingError):
            for state in client.status():
                if state["state"] == "AVAILABLE":
                    return str(state["version"])
        time.sleep(POLL_SECONDS)
    raise LaunchError(f"The model server made nothing available within {START_SECONDS:g} s.")
