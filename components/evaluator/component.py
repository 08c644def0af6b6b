"""The Evaluator node: standard inputs and outputs, our executor."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ExecutionParameter

from components.evaluator.executor import Executor
from components.subject_driver import Driver


class EvaluatorSpec(standard_component_specs.EvaluatorSpec):
    """The standard specification, with our limits, and the code in the cache key."""

    PARAMETERS = {
        **standard_component_specs.EvaluatorSpec.PARAMETERS,
        "beat_constant": ExecutionParameter(type=int),
        "smallest_slice": ExecutionParameter(type=int),
        "code_hash": ExecutionParameter(type=str),
    }


class Evaluator(base_beam_component.BaseBeamComponent):
    """Evaluates a candidate against thresholds and against the baseline, and says why it refuses.

    The baseline may be an empty Model artifact (nothing is live yet): change thresholds are then
    passed over, value thresholds are not. The ModelBlessing's folder holds `verdict.json`, which
    says what was judged; its custom property `reason` holds the refusal, one sentence.

    Example:
      evaluator = Evaluator(
          examples=example_gen.outputs["examples"],
          model=trainer.outputs["model"],
          baseline=baseline.outputs["baseline"],
          eval_config=eval_config,
          example_splits=["eval"],
          code_hash=code_hash("components.evaluator.executor"),
      )
    """

    SPEC_CLASS = EvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = Driver

    def __init__(
        self,
        examples: types.BaseChannel[Any],
        model: types.BaseChannel[Any],
        baseline: types.BaseChannel[Any],
        eval_config: config_pb2.EvalConfig,
        example_splits: Sequence[str],
        code_hash: str,
        *,
        beat_constant: bool = True,
        smallest_slice: int = 30,
    ):
        """Wires it.

        Args:
          beat_constant: whether a candidate that is no better than always giving the same answer
            is refused, by the first metric of `eval_config` that says so.
          smallest_slice: examples that a slice must have for its thresholds to count.
        """
        super().__init__(
            spec=EvaluatorSpec(
                examples=examples,
                model=model,
                baseline_model=baseline,
                eval_config=eval_config,
                example_splits=json.dumps(list(example_splits)),
                fairness_indicator_thresholds="null",
                beat_constant=int(beat_constant),
                smallest_slice=smallest_slice,
                code_hash=code_hash,
                evaluation=types.Channel(type=standard_artifacts.ModelEvaluation),
                blessing=types.Channel(type=standard_artifacts.ModelBlessing),
            )
        )
