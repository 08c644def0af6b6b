"""The ServingCheck node: what it takes, what it gives, and the type of its report."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import artifact, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.serving_check.executor import Executor
from components.serving_check.options import parse_options
from components.subject_driver import Driver


class ServingReport(artifact.Artifact):
    """A folder with `report.json` and `report.html`: the evidence of one serving check.

    Custom properties: int `blessed`, string `reason` (absent when blessed), string `backend`.
    """

    # Where Kubeflow imports it from: components/__init__.py.
    TYPE_NAME = "components.ServingReport"


class ServingCheckSpec(ComponentSpec):
    """Inputs, outputs and execution properties of ServingCheck."""

    PARAMETERS = {
        "model_name": ExecutionParameter(type=str),
        "options": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }
    INPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "baseline": ChannelParameter(type=standard_artifacts.Model, optional=True),
    }
    OUTPUTS = {
        "blessing": ChannelParameter(type=standard_artifacts.InfraBlessing),
        "report": ChannelParameter(type=ServingReport),
    }


class ServingCheck(base_component.BaseComponent):
    """Serves a candidate on a real model server and blesses it only if it passes every check.

    It takes the place of TFX's InfraValidator: no Docker or Kubernetes, the answers are compared
    with the trained model's, and a refusal says why. The standard Pusher honours the blessing.

    Example:
      serving_check = ServingCheck(
          model=trainer.outputs["model"],
          examples=example_gen.outputs["examples"],
          model_name="letters",
          options='{"p99_ms": 50}',
          code_hash=code_hash("components.serving_check.executor"),
      )
    """

    SPEC_CLASS = ServingCheckSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
    DRIVER_CLASS = Driver

    def __init__(
        self,
        model: types.BaseChannel[Any],
        examples: types.BaseChannel[Any],
        model_name: str,
        options: str = "{}",
        code_hash: str = "",
        baseline: types.BaseChannel[Any] | None = None,
    ):
        """Wires the node.

        Args:
          model: Model artifact with the folder `reference` beside its SavedModel, as
            docs/serving_check.md describes it.
          examples: its test split, if any, gives the final accuracy.
          model_name: the name under which clients ask for the model.
          options: JSON object; see components/serving_check/options.py.
          code_hash: digest of the code, so that TFX's cache notices an edit.
          baseline: the live version, or an empty Model; without it the candidate is held against
            budgets only, and plays the live version where one is needed.

        Raises:
          OptionsError: an option is unknown or out of range.
        """
        # Here rather than after the training that the executor waits for.
        parse_options(options)
        super().__init__(
            spec=ServingCheckSpec(
                model=model,
                examples=examples,
                model_name=model_name,
                options=options,
                baseline=baseline,
                code_hash=code_hash,
                blessing=types.Channel(type=standard_artifacts.InfraBlessing),
                report=types.Channel(type=ServingReport),
            )
        )
