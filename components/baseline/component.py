"""The Baseline node."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.orchestration import data_types
from tfx.types import standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.baseline.driver import Driver
from components.baseline.executor import Executor


class BaselineSpec(ComponentSpec):
    """Inputs, output and parameters of Baseline."""

    PARAMETERS = {
        "base_path": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }
    INPUTS = {"model": ChannelParameter(type=standard_artifacts.Model)}
    OUTPUTS = {"baseline": ChannelParameter(type=standard_artifacts.Model)}


class Baseline(base_component.BaseComponent):
    """Outputs the version that is live in a TF Serving base path, or an empty Model.

    It takes the place of TFX's Resolver, which knows only what this metadata store has seen and
    does not run on Kubeflow Pipelines. When the candidate itself is live, the output is what that
    was compared with before it was pushed.

    Component `outputs` contains:
      `baseline`: Model with `Format-Serving/` and the custom properties `version` (int) and
      `digest` (content digest); without files when nothing is live.

    Example:
      baseline = Baseline(
          model=trainer.outputs["model"],
          base_path="/srv/letters",
          code_hash=code_hash("components.baseline.executor", "components.baseline.driver"),
      )
    """

    SPEC_CLASS = BaselineSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
    DRIVER_CLASS = Driver

    def __init__(
        self,
        model: types.BaseChannel[Any],
        base_path: str | data_types.RuntimeParameter,
        code_hash: str,
    ):
        """Wires the node.

        Args:
          model: the candidate.
          base_path: may be missing.
          code_hash: makes TFX's cache see edits of the code behind the node.
        """
        super().__init__(
            spec=BaselineSpec(
                model=model,
                base_path=base_path,
                code_hash=code_hash,
                baseline=types.Channel(type=standard_artifacts.Model),
            )
        )
