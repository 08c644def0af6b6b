"""What an evaluation of TensorFlow Model Analysis measured, by metric and slice."""

from __future__ import annotations

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator.verdict import Values
from documents.slice import OVERALL

_SECOND = "classId:1"
"""TFMA's key of what is measured of the second of two classes; see pipeline/evaluation.py."""


def values(evaluation: str, model_name: str) -> Values:
    """Every number that an evaluation in a folder holds of a model, `""` for the only one."""
    result = tfma.load_eval_result(evaluation, model_name=model_name)
    found = {}
    for slice_key, outputs in result.slicing_metrics:
        name = ",".join(f"{feature}={value}" for feature, value in slice_key) or OVERALL
        for by_sub_key in outputs.values():
            for metric, value in {**by_sub_key.get("", {}), **by_sub_key.get(_SECOND, {})}.items():
                if "doubleValue" in value:
                    # JSON has no NaN and no infinity; TFMA writes them as text.
                    number = float(value["doubleValue"])
                    found[_class_name(metric, result.config), name] = number
    return found


def _class_name(metric: str, eval_config: config_pb2.EvalConfig) -> str:
    """TFMA reports a metric by its tf_keras name (sparse_categorical_accuracy); we by its class."""
    for spec in eval_config.metrics_specs:
        for known in spec.metrics:
            name: str = known.class_name
            if name.lower() == metric.replace("_", "").lower():
                return name
    return metric
