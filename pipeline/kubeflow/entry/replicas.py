"""A step whose container runs on several machines at once: the chief's, and those beside it.

A custom job of Vertex AI, and a TFJob of the training operator, give each machine the same command,
and a TF_CONFIG of its own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from models.training.cluster import Cluster, cluster_of
from models.training.options import TrainingOptions

T = TypeVar("T")
_FAILED, _DONE = "failed", "finished"
_log = logging.getLogger(__name__)


class ChiefFailedError(RuntimeError):
    """The step failed where the chief runs it, which says why."""


def cluster_of_step(parameters: Mapping[str, Any]) -> Cluster | None:
    """The machines that train with this one; None for a step that is not a Trainer of several.

    Args:
      parameters: of the step, by name.

    Raises:
      ClusterError: TF_CONFIG names other machines than the settings take.
      OptionsError: the Trainer's settings are none.
    """
    config = parameters.get("custom_config")
    training = json.loads(config).get("training") if config else None
    if training is None:
        return None
    options = TrainingOptions.validated(training)
    return cluster_of(options.strategy, options.batch_size)


def execute_as_chief(cluster: Cluster | None, execute: Callable[[], T]) -> T:
    """What `execute` returns, after all machines have met; they are told how it ended.

    Raises:
      ReplicasError: a machine did not come, or is gone.
      Exception: whatever `execute` does.
    """
    if cluster is None:
        return execute()
    # They are imported by who needs them: TensorFlow is behind them.
    from models.training.replicas import join
    from models.training.worker import dismiss

    processes = join(cluster)
    try:
        made = execute()
    except BaseException:
        dismiss(processes, _FAILED)
        raise
    dismiss(processes, _DONE)
    return made


def train_along(cluster: Cluster) -> None:
    """All that a machine does which is not the chief's.

    Raises:
      ReplicasError: a machine did not come, or is gone.
      ChiefFailedError: the step failed.
    """
    from models.training.replicas import join
    from models.training.worker import follow

    outcome = follow(join(cluster))
    _log.info("The step of the chief, %s, has %s.", cluster.addresses[0], outcome)
    if outcome == _FAILED:
        raise ChiefFailedError(
            f"The step failed on the chief, {cluster.addresses[0]}: its log says why."
        )
