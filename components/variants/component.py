"""The Variants node."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import artifact, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.variants.driver import Driver
from components.variants.executor import Executor


class ModelVariants(artifact.Artifact):
    """The folder of `variants.json` and of every variant that was made."""

    TYPE_NAME = "ModelVariants"


class VariantsSpec(ComponentSpec):
    """Inputs, output and parameters of Variants."""

    PARAMETERS = {
        "options": ExecutionParameter(type=str),
        "eval_config": ExecutionParameter(type=str),
        "lower_is_better": ExecutionParameter(type=str),
        "model_name": ExecutionParameter(type=str),
        "exports": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }
    INPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "pushed_model": ChannelParameter(type=standard_artifacts.PushedModel),
    }
    OUTPUTS = {"variants": ChannelParameter(type=ModelVariants)}


class Variants(base_beam_component.BaseBeamComponent):
    """Makes smaller forms of a model, holds each against it, and publishes those as good.

    They are published under the version that Pusher made of the model, so none is where that was
    refused.

    Component `outputs` contains:
      `variants`: ModelVariants with `variants.json` and the files.
    """

    SPEC_CLASS = VariantsSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = Driver

    def __init__(
        self,
        model: types.BaseChannel[Any],
        examples: types.BaseChannel[Any],
        pushed_model: types.BaseChannel[Any],
        options: str,
        eval_config: str,
        lower_is_better: str,
        model_name: str,
        exports: str,
        code_hash: str,
    ):
        """Wires the node.

        Args:
          options: a VariantOptions as JSON.
          eval_config: of the Evaluator, as JSON.
          lower_is_better: a JSON list of metrics of which less is better.
          exports: folder that gets MODEL/VERSION folders.
          code_hash: makes TFX's cache see edits of the code behind the node.
        """
        super().__init__(
            spec=VariantsSpec(
                model=model,
                examples=examples,
                pushed_model=pushed_model,
                options=options,
                eval_config=eval_config,
                lower_is_better=lower_is_better,
                model_name=model_name,
                exports=exports,
                code_hash=code_hash,
                variants=types.Channel(type=ModelVariants),
            )
        )
