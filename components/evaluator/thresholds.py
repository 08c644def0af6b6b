"""The limits that an EvalConfig of TensorFlow Model Analysis demands."""

from __future__ import annotations

from tensorflow_model_analysis.proto import config_pb2

from components.evaluator import metric_kinds
from components.evaluator.verdict import Threshold


def thresholds_of(eval_config: config_pb2.EvalConfig) -> list[Threshold]:
    """Those of each metric, and one without limits where all examples have none, to show it."""
    found = []
    for spec in eval_config.metrics_specs:
        for metric in spec.metrics:
            if metric.class_name.endswith("Plot"):
                continue
            limits = [
                _threshold(
                    metric.class_name,
                    slicing.feature_keys[0] if slicing.feature_keys else None,
                    entry.threshold,
                )
                for entry in metric.per_slice_thresholds
                for slicing in entry.slicing_specs
            ]
            if all(limit.feature for limit in limits):
                higher = metric_kinds.higher_is_better(metric.class_name)
                limits.insert(0, Threshold(metric.class_name, higher_is_better=higher is not False))
            found += limits
    return found


def _threshold(metric: str, feature: str | None, bound: config_pb2.MetricThreshold) -> Threshold:
    value, change = bound.value_threshold, bound.change_threshold
    # Only a change has a direction: of a metric with a `max` alone nobody wrote one down.
    known = metric_kinds.higher_is_better(
        metric,
        has_least=value.HasField("lower_bound"),
        has_greatest=value.HasField("upper_bound"),
    )
    higher_is_better = (
        change.direction != config_pb2.MetricDirection.LOWER_IS_BETTER
        if change.direction
        else known is not False
    )
    return Threshold(
        metric=metric,
        feature=feature,
        lower_bound=value.lower_bound.value if value.HasField("lower_bound") else None,
        upper_bound=value.upper_bound.value if value.HasField("upper_bound") else None,
        # pipeline/evaluation.py writes a change threshold as a signed absolute change.
        max_drop=abs(change.absolute.value) if change.HasField("absolute") else None,
        higher_is_better=higher_is_better,
    )
