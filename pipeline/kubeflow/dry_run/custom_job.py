"""A custom job of Vertex AI in a dry run."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.training.cluster import VARIABLE
from pipeline.kubeflow.dry_run.machines import Machines, clusters

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
        beside = [log.with_name(f"{log.stem}-worker-{n}{log.suffix}") for n in range(machines - 1)]
        told = [{**environment, VARIABLE: json.dumps(config)} for config in clusters(machines)]
        self._machines = Machines(command, told, folder, [log, *beside])
        self.pid = self._machines.pids[0]

    def ended(self, seconds: float) -> tuple[int, float] | None:
        end = time.monotonic() + seconds
        while not self._is_over():
            if time.monotonic() > end:
                return None
            time.sleep(min(_LOOK, seconds))
        patience = time.monotonic() + (_GRACE if self._machines.code == 0 else 0)
        while not self._machines.are_over and time.monotonic() < patience:
            self._machines.look()
            time.sleep(_LOOK)
        self._machines.kill()
        return self._machines.code, self._machines.cpu_seconds

    def _is_over(self) -> bool:
        self._machines.look()
        return 0 in self._machines.over or self._machines.code != 0
