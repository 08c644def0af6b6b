"""The Trainer node."""

from __future__ import annotations

from tfx.components.trainer import component
from tfx.dsl.components.base import executor_spec

from components.trainer.executor import Executor


class Trainer(component.Trainer):
    """The standard Trainer with an executor that completes `training.json`.

    The Model artifact's custom properties `hub_handle`, `hub_sha256` and `hub_trainable` name the
    TensorFlow Hub module inside.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
