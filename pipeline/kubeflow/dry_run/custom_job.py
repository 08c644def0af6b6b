"""A custom job of Vertex AI in a dry run: its machines are processes, which meet on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from models.cluster import VARIABLE
from pipeline.kubeflow.dry_run.process import Container

_LOOK = 0.2
_GRACE = 30.0
"""Seconds that a worker has to end after the chief."""


class CustomJob:
    """The chief and the workers, as one process that has started; see process.Started.

    The job ends with its chief. As on Vertex AI, it fails with the first machine that does.

    Args:
      machines: how many.
      command: what each of them runs, in an environment with a TF_CONFIG of its own.
      log: of the chief; those of the workers lie beside it.

    Raises:
      OSError: a machine cannot be started; none is left running.
    """

    def __init__(
        self,
        machines: int,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
    ):
        self._machines: list[Container] = []
        self._over: dict[int, tuple[int, float]] = {}
        try:
            for rank, config in enumerate(_clusters(machines)):
                own = {**environment, VARIABLE: json.dumps(config)}
                beside = log.with_name(f"{log.stem}-worker-{rank - 1}{log.suffix}")
                self._machines.append(Container(command, own, folder, beside if rank else log))
        except BaseException:
            self._kill()
            raise
        self.pid = self._machines[0].pid

    def ended(self, seconds: float) -> tuple[int, float] | None:
        end = time.monotonic() + seconds
        while not self._is_over():
            if time.monotonic() > end:
                return None
            time.sleep(min(_LOOK, seconds))
        patience = time.monotonic() + (_GRACE if self._code() == 0 else 0)
        while len(self._over) < len(self._machines) and time.monotonic() < patience:
            self._look()
            time.sleep(_LOOK)
        self._kill()
        return self._code(), sum(cpu_seconds for _, cpu_seconds in self._over.values())

    def _is_over(self) -> bool:
        self._look()
        return 0 in self._over or self._code() != 0

    def _look(self) -> None:
        for rank, machine in enumerate(self._machines):
            if rank not in self._over:
                ended = machine.ended(0)
                if ended is not None:
                    self._over[rank] = ended

    def _code(self) -> int:
        """Of the first machine that failed, else 0."""
        return next((code for code, _ in self._over.values() if code), 0)

    def _kill(self) -> None:
        for rank, machine in enumerate(self._machines):
            if rank not in self._over:
                # Each leads a session of its own.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(machine.pid, signal.SIGKILL)
                self._over[rank] = machine.ended(_GRACE) or (-signal.SIGKILL, 0.0)


def _clusters(machines: int) -> Iterator[Mapping[str, object]]:
    """TF_CONFIG of each machine, the chief's first, as Vertex AI writes it."""
    with contextlib.ExitStack() as held:
        taken = [
            held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(machines)
        ]
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in taken]
    cluster = {"chief": addresses[:1], "worker": addresses[1:]}
    for rank in range(machines):
        task = {"type": "worker", "index": rank - 1} if rank else {"type": "chief", "index": 0}
        yield {"cluster": cluster, "task": task, "environment": "cloud"}
