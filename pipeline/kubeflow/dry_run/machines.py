"""The machines of one job as processes, which meet on loopback."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.kubeflow.dry_run.process import Container

_LAST_SECONDS = 30.0
"""For a process that was killed to be gone."""


class Machines:
    """Processes that start together, and are ended together.

    Args:
      command: what each of them runs.
      environments: one for each, the chief's first.
      logs: likewise.

    Raises:
      OSError: one cannot be started; none is left running.
    """

    def __init__(
        self,
        command: Sequence[str],
        environments: Sequence[Mapping[str, str]],
        folder: Path,
        logs: Sequence[Path],
    ):
        self._started: list[Container] = []
        self.over: dict[int, tuple[int, float]] = {}
        """Exit code and CPU seconds of those that have ended, in the order in which they did."""
        try:
            for environment, log in zip(environments, logs, strict=True):
                self._started.append(Container(command, environment, folder, log))
        except BaseException:
            self.kill()
            raise

    @property
    def pids(self) -> Sequence[int]:
        return [machine.pid for machine in self._started]

    @property
    def are_over(self) -> bool:
        return len(self.over) == len(self._started)

    @property
    def code(self) -> int:
        """Of the first machine that failed, else 0."""
        return next((code for code, _ in self.over.values() if code), 0)

    @property
    def cpu_seconds(self) -> float:
        return sum(seconds for _, seconds in self.over.values())

    def look(self) -> None:
        """Sees who has ended."""
        for rank, machine in enumerate(self._started):
            if rank not in self.over:
                ended = machine.ended(0)
                if ended is not None:
                    self.over[rank] = ended

    def kill(self) -> None:
        for rank, machine in enumerate(self._started):
            if rank not in self.over:
                # Each leads a session of its own.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(machine.pid, signal.SIGKILL)
                self.over[rank] = machine.ended(_LAST_SECONDS) or (-signal.SIGKILL, 0.0)


def clusters(machines: int) -> Iterator[Mapping[str, object]]:
    """TF_CONFIG of each machine, the chief's first, as Vertex AI and the training operator write it
    for a chief with workers."""
    with contextlib.ExitStack() as held:
        taken = [
            held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(machines)
        ]
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in taken]
    cluster = {"chief": addresses[:1], "worker": addresses[1:]}
    for rank in range(machines):
        task = {"type": "worker", "index": rank - 1} if rank else {"type": "chief", "index": 0}
        yield {"cluster": cluster, "task": task, "environment": "cloud"}
