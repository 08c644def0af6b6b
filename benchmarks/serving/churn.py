"""Hot swaps under load: how many requests fail, and what is left in memory."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from pathlib import Path

import grpc
import numpy as np
from tensorflow_serving.apis import model_management_pb2

from benchmarks.serving import load
from benchmarks.serving.contenders import MODEL, Embedded
from serving.launch import ModelServer, launch

_RELOAD = "/tensorflow.serving.ModelService/HandleReloadConfigRequest"
VERSIONS = (1, 2)
SETTLE = 0.75
"""Of the length of a turn: how long clients ask before memory is looked at."""


@dataclasses.dataclass(frozen=True)
class Churn:
    """What swapping did."""

    swaps: int
    answers: int
    failures: int
    megabytes_before: float
    """Resident memory under load, before the first swap."""
    megabytes_after: float
    """Resident memory under load, after the last swap."""

    @property
    def growth(self) -> float:
        """As a fraction of what was resident before."""
        return self.megabytes_after / self.megabytes_before - 1


def measure(saved_model: Path, scratch: Path, swaps: int, seconds: float) -> Churn:
    """Swaps two versions of a model in turn, while eight clients ask for the latest.

    Each swap loads one version, makes it AVAILABLE, and unloads the other one. The server is told
    by HandleReloadConfigRequest, since waiting for its next look at the base path is no work.

    Args:
      saved_model: of both versions.
      scratch: a folder to work in.
      swaps: how many.
      seconds: the length of a turn of each contender.
    """
    base_path = scratch / "churn"
    for version in VERSIONS:
        shutil.copytree(saved_model, base_path / str(version))
    image = np.zeros((1, 28, 28), np.uint8)
    with launch(base_path, MODEL, backend="embedded", grpc=True) as server:
        server.wait_available(VERSIONS[-1])
        contender = Embedded(
            server.pid, int(server.rest_url.rpartition(":")[2]), str(server.grpc_target)
        )
        connect = contender.rest(image)
        load.run(connect, SETTLE * seconds)
        before = contender.rss_megabytes()
        with (
            _Clients(connect) as clients,
            grpc.insecure_channel(str(server.grpc_target)) as channel,
        ):
            reload = channel.unary_unary(
                _RELOAD,
                request_serializer=model_management_pb2.ReloadConfigRequest.SerializeToString,
                response_deserializer=model_management_pb2.ReloadConfigResponse.FromString,
            )
            for number in range(swaps):
                _swap(server, reload, base_path, VERSIONS[number % len(VERSIONS)])
        load.run(connect, SETTLE * seconds)
        after = contender.rss_megabytes()
    return Churn(swaps, clients.answers, clients.failures, before, after)


class _Clients:
    """Clients that ask until the end of the `with` block."""

    def __init__(self, connect: load.Connect) -> None:
        self.answers = 0
        self.failures = 0
        self._connect = connect
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(load.CLIENTS)]

    def __enter__(self) -> _Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        ask = self._connect()
        answers = failures = 0
        while not self._stop.is_set():
            if ask():
                answers += 1
            else:
                failures += 1
        with self._lock:
            self.answers += answers
            self.failures += failures


def _swap(server: ModelServer, reload: grpc.UnaryUnaryMultiCallable, base: Path, to: int) -> None:
    """Returns when `to` is AVAILABLE; the other version is unloaded after that."""
    request = model_management_pb2.ReloadConfigRequest()
    config = request.config.model_config_list.config.add(
        name=MODEL, base_path=str(base), model_platform="tensorflow"
    )
    config.model_version_policy.specific.versions.append(to)
    response = reload(request)
    if response.status.error_code:
        raise RuntimeError(f"The server refused the config: {response.status.error_message}")
    server.wait_available(to)
