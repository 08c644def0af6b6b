"""`python -m serving serve`."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from serving.backends.errors import LaunchError
from serving.client import RestClient, ServingError
from serving.commands._change import add_base_path

HELP = """\
start a model server on a base path, until Ctrl-C

Takes tensorflow_model_server where it is on PATH, else the embedded server, which is for
development. Either follows the base path, so a publish or a rollback needs no restart.

examples:
  python -m serving serve
  python -m serving serve --base-path /srv/fashion_mnist --rest-port 9501"""

BINARY = "tensorflow_model_server"
START_SECONDS = 120.0
STOP_SECONDS = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_base_path(parser)
    parser.add_argument("--model-name", help="default: the last part of the base path")
    parser.add_argument("--rest-port", type=int, default=8501)
    parser.add_argument("--grpc-port", type=int, default=8500)
    parser.add_argument("--backend", choices=["auto", BINARY, "embedded"], default="auto")


def run(options: argparse.Namespace) -> int:
    base = options.base_path if "://" in options.base_path else os.path.abspath(options.base_path)
    name = options.model_name or Path(base).name
    program, backend = _program(options.backend)
    command = [
        *program,
        f"--port={options.grpc_port}",
        f"--rest_api_port={options.rest_port}",
        f"--model_name={name}",
        f"--model_base_path={base}",
    ]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    process = subprocess.Popen(command, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{options.rest_port}"
        version = _wait(process, RestClient(url, name, timeout=1))
        print(f"Serving version {version} of {name} from {base} ({backend}):")
        print(f"  REST  {url}/v1/models/{name}")
        print(f"  gRPC  127.0.0.1:{options.grpc_port}")
        print(f"Try:  curl {url}/v1/models/{name}/metadata", flush=True)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        process.kill()


def _program(backend: str) -> tuple[list[str], str]:
    """The beginning of the command line, and the name of what it starts."""
    binary = shutil.which(BINARY)
    if backend == "embedded" or (backend == "auto" and binary is None):
        return [sys.executable, "-m", "serving.server"], "embedded server"
    if binary is None:
        raise LaunchError(
            f"{BINARY} is not on PATH; install it, or use --backend embedded for development."
        )
    return [binary], BINARY


def _wait(process: subprocess.Popen[bytes], client: RestClient) -> str:
    """The number of the version that is available first.

    Raises:
      LaunchError: the server ended, or took too long.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise LaunchError(f"The model server ended with exit code {process.returncode}.")
        with contextlib.suppress(OSError, ServingError):
            for state in client.status():
                if state["state"] == "AVAILABLE":
                    return str(state["version"])
        time.sleep(0.1)
    raise LaunchError(f"The model server made nothing available within {START_SECONDS:g} s.")
