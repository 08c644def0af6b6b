"""A step that makes a TFJob in a dry run, in a cluster of its own: an API and an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.kubeflow.dry_run.kubernetes_api import POD, KubernetesApi
from pipeline.kubeflow.dry_run.process import Started
from pipeline.kubeflow.dry_run.training_operator import TrainingOperator
from pipeline.kubeflow.training_job.step import POD_NAME


class TrainingCluster:
    """The step with all replicas, as one process that has started; see process.Started.

    Args:
      start: starts the step's command with more variables.
      environment: of the step.
      folder: its working folder, beside which those of the replicas are made.
      log: its log, beside which those of the replicas lie.

    Raises:
      OSError: the step cannot be started.
    """

    def __init__(
        self,
        start: Callable[[Mapping[str, str]], Started],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
    ):
        self._operator = TrainingOperator(environment, folder, log)
        self._api = KubernetesApi(self._operator)
        config = folder.with_name("kubeconfig")
        self._api.write_config(config)
        self._step: Started | None = None
        try:
            self._step = start({POD_NAME: POD, "KUBECONFIG": str(config)})
        finally:
            if self._step is None:
                self._api.close()
        self.pid = self._step.pid
        self._ended: tuple[int, float] | None = None

    def ended(self, seconds: float) -> tuple[int, float] | None:
        if self._ended is None and self._step is not None:
            found = self._step.ended(seconds)
            if found is not None:
                self._api.close()
                code, cpu_seconds = found
                self._ended = code, cpu_seconds + self._operator.close()
        return self._ended
