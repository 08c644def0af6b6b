"""The ExampleValidator node: standard inputs and outputs, and a setting that makes it a gate."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ExecutionParameter

from components.example_validator.executor import Executor


class ExampleValidatorSpec(standard_component_specs.ExampleValidatorSpec):
    """The standard specification, with what to do on anomalies and the code in the cache key."""

    PARAMETERS = {
        **standard_component_specs.ExampleValidatorSpec.PARAMETERS,
        "on_anomaly": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }


class ExampleValidator(base_component.BaseComponent):
    """Validates statistics against the schema; with `on_anomaly="stop"` an anomaly fails the node.

    Example:
      validator = ExampleValidator(
          statistics=statistics_gen.outputs["statistics"],
          schema=schema_gen.outputs["schema"],
          on_anomaly="stop",
          code_hash=code_hash("components.example_validator.executor"),
      )
    """

    SPEC_CLASS = ExampleValidatorSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        statistics: types.BaseChannel[Any],
        schema: types.BaseChannel[Any],
        on_anomaly: str,
        code_hash: str,
    ):
        if on_anomaly not in ("stop", "warn"):
            raise ValueError(f"on_anomaly = {on_anomaly!r} must be 'stop' or 'warn'.")
        super().__init__(
            spec=ExampleValidatorSpec(
                statistics=statistics,
                schema=schema,
                exclude_splits="[]",
                on_anomaly=on_anomaly,
                code_hash=code_hash,
                anomalies=types.Channel(type=standard_artifacts.ExampleAnomalies),
            )
        )
