"""Runs TensorFlow Model Analysis and writes down its verdict."""

from __future__ import annotations

import json
import os
from typing import Any

import tensorflow as tf
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.components.evaluator import executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils, proto_utils

from components.evaluator.verdict import OVERALL, Threshold, Values, judge, refusal
from components.subject import check_unchanged, observe
from components.trainer.record import read_record
from documents.evaluator_verdict import EvaluatorVerdict

Artifacts = dict[str, list[types.Artifact]]


class Executor(executor.Executor):
    """The standard executor, which drops an empty baseline before and explains itself after."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Evaluates; outputs as the standard Evaluator, plus `verdict.json` and `reason`.

        Args:
          input_dict: `examples`, `model`, `baseline_model` (a Model, possibly without files).
          output_dict: `evaluation`, `blessing`.
          exec_properties: as the standard Evaluator.

        Raises:
          DamagedError: model or baseline are not what was written.
          ChangedError: they changed during the evaluation.
        """
        model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
        baseline = artifact_utils.get_single_instance(
            input_dict[standard_component_specs.BASELINE_MODEL_KEY]
        )
        subject = observe(model, baseline)
        inputs = dict(input_dict)
        has_baseline = fileio.exists(path_utils.serving_model_dir(baseline.uri))
        if not has_baseline:
            del inputs[standard_component_specs.BASELINE_MODEL_KEY]
        # AutoGraph would spend seconds on converting tf_keras's metrics, which need no conversion.
        evaluate = tf.autograph.experimental.do_not_convert(super().Do)
        evaluate(inputs, output_dict, exec_properties)
        check_unchanged(subject, model, baseline)

        eval_config = config_pb2.EvalConfig()
        proto_utils.json_to_proto(
            exec_properties[standard_component_specs.EVAL_CONFIG_KEY], eval_config
        )
        evaluation = artifact_utils.get_single_uri(
            output_dict[standard_component_specs.EVALUATION_KEY]
        )
        blessing = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BLESSING_KEY]
        )
        version = baseline.get_int_custom_property("version") if has_baseline else None
        rows = judge(
            _thresholds(eval_config),
            _values(evaluation, tfma.CANDIDATE_KEY if has_baseline else ""),
            _values(evaluation, tfma.BASELINE_KEY) if has_baseline else {},
        )
        blessed = tfma.load_validation_result(evaluation).validation_ok
        reason = refusal(rows, version, read_record(model.uri).get("labels", []))
        if not blessed and reason is None:
            # TFMA also refuses what no row shows, such as a slice that a threshold names and
            # the examples lack.
            reason = "Evaluator: a threshold names a slice or metric that the examples do not have."
        if reason and not blessed:
            blessing.set_string_custom_property("reason", reason)
        verdict = {
            "blessed": blessed,
            "reason": None if blessed else reason,
            **subject.as_json(),
            "metrics": [row.as_json() for row in rows],
        }
        with fileio.open(os.path.join(blessing.uri, EvaluatorVerdict.FILE), "w") as file:
            file.write(json.dumps(verdict, indent=1))


def _thresholds(eval_config: config_pb2.EvalConfig) -> list[Threshold]:
    found = []
    for spec in eval_config.metrics_specs:
        for metric in spec.metrics:
            for entry in metric.per_slice_thresholds:
                for slicing in entry.slicing_specs:
                    found.append(
                        _threshold(
                            metric.class_name,
                            slicing.feature_keys[0] if slicing.feature_keys else None,
                            entry.threshold,
                        )
                    )
    return found


def _threshold(metric: str, feature: str | None, bound: config_pb2.MetricThreshold) -> Threshold:
    value, change = bound.value_threshold, bound.change_threshold
    return Threshold(
        metric=metric,
        feature=feature,
        lower_bound=value.lower_bound.value if value.HasField("lower_bound") else None,
        upper_bound=value.upper_bound.value if value.HasField("upper_bound") else None,
        # pipeline/evaluation.py writes a change threshold as a signed absolute change.
        max_drop=abs(change.absolute.value) if change.HasField("absolute") else None,
        higher_is_better=change.direction != config_pb2.MetricDirection.LOWER_IS_BETTER,
    )


def _values(evaluation: str, model_name: str) -> Values:
    result = tfma.load_eval_result(evaluation, model_name=model_name)
    values = {}
    for slice_key, outputs in result.slicing_metrics:
        name = ",".join(f"{feature}={value}" for feature, value in slice_key) or OVERALL
        for by_sub_key in outputs.values():
            for metric, value in by_sub_key.get("", {}).items():
                if "doubleValue" in value:
                    values[_class_name(metric, result.config), name] = value["doubleValue"]
    return values


def _class_name(metric: str, eval_config: config_pb2.EvalConfig) -> str:
    """TFMA reports a metric by its tf_keras name (sparse_categorical_accuracy); we by its class."""
    for spec in eval_config.metrics_specs:
        for known in spec.metrics:
            if known.class_name.lower() == metric.replace("_", "").lower():
                return known.class_name
    return metric
