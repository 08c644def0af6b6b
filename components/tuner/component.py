"""The Tuner node."""

from __future__ import annotations

from tfx.components.tuner import component
from tfx.dsl.components.base import executor_spec

from components.tuner.executor import Executor


class Tuner(component.Tuner):
    """The standard Tuner with an executor that adds `tuning.json` and a page to its results."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
