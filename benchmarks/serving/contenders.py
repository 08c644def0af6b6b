"""The servers that are compared: each as a process on this machine, asked over its own protocol."""

from __future__ import annotations

import abc
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.serving import load
from serving.launch import launch

START_SECONDS = 120.0
MODEL = "cnn"
PEERS = Path(__file__).with_name("peers")


class ContenderError(RuntimeError):
    """A server did not start, or answered with an error."""


class Contender(abc.ABC):
    """A running server."""

    name: ClassVar[str]

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    @abc.abstractmethod
    def rest(self, images: NDArray[np.uint8]) -> load.Connect:
        """Connects clients that ask about `images`, uint8 [n, 28, 28]."""

    def cpu_seconds(self) -> float:
        """Used so far by the server and all its children."""
        total = 0.0
        for process in [self._process, *self._process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def rss_megabytes(self) -> float:
        """Resident memory now, of the server and its children, in 10^6 bytes."""
        processes = [self._process, *self._process.children(recursive=True)]
        return sum(process.memory_info().rss for process in processes) / 1e6


class Embedded(Contender):
    """`python -m serving.server`."""

    name = "this server"

    def __init__(self, pid: int, port: int, grpc_target: str) -> None:
        super().__init__(pid)
        self._port = port
        self._grpc_target = grpc_target

    def rest(self, images: NDArray[np.uint8]) -> load.Connect:
        body = json.dumps({"instances": images.tolist()}).encode()
        return load.http(self._port, f"/v1/models/{MODEL}:predict", body)

    def grpc(self, images: NDArray[np.uint8]) -> load.Connect:
        """As `rest`, over PredictionService.Predict."""
        from tensorflow import make_tensor_proto
        from tensorflow_serving.apis import predict_pb2

        request = predict_pb2.PredictRequest()
        request.model_spec.name = MODEL
        request.inputs["images"].CopyFrom(make_tensor_proto(images))
        method = "/tensorflow.serving.PredictionService/Predict"
        return load.grpc_unary(self._grpc_target, method, request.SerializeToString())


class Earlier(Embedded):
    """This project's server as another checkout of it has it."""

    name = "earlier server"


class LitServe(Contender):
    """litserve, one worker, as its documentation begins."""

    name = "litserve"

    def __init__(self, pid: int, port: int) -> None:
        super().__init__(pid)
        self._port = port

    def rest(self, images: NDArray[np.uint8]) -> load.Connect:
        return load.http(self._port, "/predict", json.dumps({"images": images.tolist()}).encode())


class MLServer(Contender):
    """mlserver with a custom runtime, inference in its own process (parallel_workers 0)."""

    name = "mlserver"

    def __init__(self, pid: int, port: int) -> None:
        super().__init__(pid)
        self._port = port

    def rest(self, images: NDArray[np.uint8]) -> load.Connect:
        tensor = {
            "name": "images",
            "shape": images.shape,
            "datatype": "UINT8",
            "data": images.ravel().tolist(),
        }
        body = json.dumps({"inputs": [tensor]}).encode()
        return load.http(self._port, f"/v2/models/{MODEL}/infer", body)


@contextlib.contextmanager
def embedded(saved_model: Path, scratch: Path) -> Iterator[Embedded]:
    """This project's server on `saved_model` as version 1."""
    base_path = scratch / "base_path"
    shutil.copytree(saved_model, base_path / "1")
    with launch(base_path, MODEL, backend="embedded", grpc=True) as server:
        server.wait_available(1)
        assert server.grpc_target is not None
        yield Embedded(server.pid, int(server.rest_url.rpartition(":")[2]), server.grpc_target)


@contextlib.contextmanager
def earlier(saved_model: Path, checkout: Path, scratch: Path) -> Iterator[Earlier]:
    """The server of the project in the folder `checkout`, run by this Python, on `saved_model`."""
    base_path = scratch / "earlier"
    shutil.copytree(saved_model, base_path / "1")
    port, grpc_port = machine.free_port(), machine.free_port()
    command = [
        *(sys.executable, "-m", "serving.server", f"--port={grpc_port}", f"--rest_api_port={port}"),
        *(f"--model_name={MODEL}", f"--model_base_path={base_path}"),
    ]
    ready = f"http://127.0.0.1:{port}/v1/models/{MODEL}/metadata"
    with _server(command, scratch / "earlier.log", ready, cwd=checkout) as pid:
        yield Earlier(pid, port, f"127.0.0.1:{grpc_port}")


@contextlib.contextmanager
def litserve(saved_model: Path, python: Path, scratch: Path) -> Iterator[LitServe]:
    """litserve on `saved_model`."""
    port = machine.free_port()
    command = [str(python), str(PEERS / "litserve_app.py"), str(saved_model), str(port)]
    with _server(command, scratch / "litserve.log", f"http://127.0.0.1:{port}/health") as pid:
        yield LitServe(pid, port)


@contextlib.contextmanager
def mlserver(saved_model: Path, python: Path, scratch: Path) -> Iterator[MLServer]:
    """mlserver on `saved_model`."""
    folder = scratch / "mlserver"
    folder.mkdir()
    shutil.copy(PEERS / "mlserver_runtime.py", folder)
    port = machine.free_port()
    settings: Mapping[str, Any] = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": machine.free_port(),
        "metrics_endpoint": None,
        "parallel_workers": 0,
        "debug": False,
    }
    model = {
        "name": MODEL,
        "implementation": "mlserver_runtime.Runtime",
        "parameters": {"uri": str(saved_model)},
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    command = [str(python.with_name("mlserver")), "start", str(folder)]
    ready = f"http://127.0.0.1:{port}/v2/models/{MODEL}/ready"
    with _server(command, scratch / "mlserver.log", ready, cwd=folder) as pid:
        yield MLServer(pid, port)


@contextlib.contextmanager
def _server(command: list[str], log: Path, ready: str, cwd: Path | None = None) -> Iterator[int]:
    """Runs a peer in a session of its own, so that its workers end with it."""
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("PYTHON")}
    env = {**inherited, "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, stdout=output, stderr=output, env=env, start_new_session=True
        )
    try:
        _wait(process, ready, log)
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    # This machine's loopback is behind no proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), opener.open(url, timeout=5):
            return
        time.sleep(0.2)
    last = log.read_text(errors="replace").strip().splitlines()[-1:]
    raise ContenderError(f"The server of {log.stem} did not start: {' '.join(last)}")
