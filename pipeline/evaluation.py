"""From our evaluation settings to TensorFlow Model Analysis's EvalConfig."""

from __future__ import annotations

import difflib

import tensorflow_model_analysis as tfma
import tf_keras
from tensorflow_model_analysis.proto import config_pb2

from pipeline.settings import EvaluationSettings, Limits, MetricSettings, SettingsError

SIGNATURE = "examples"
PREDICTION_KEY = "probabilities"


def eval_config(settings: EvaluationSettings, label_key: str) -> config_pb2.EvalConfig:
    """The EvalConfig of a run: the served signature, the slices and every threshold.

    Thresholds are written per slice: TFMA applies `MetricConfig.threshold` to all slices alike.

    Raises:
      SettingsError: a metric or plot is neither one of tf_keras nor one of TFMA.
    """
    for metric in settings.metrics:
        _check_known("evaluation.metrics", metric.metric)
    for plot in settings.plots:
        _check_known("evaluation.plots", plot)
    slices = [config_pb2.SlicingSpec()]
    features = sorted({name for metric in settings.metrics for name in metric.per_slice})
    slices += [config_pb2.SlicingSpec(feature_keys=[feature]) for feature in features]
    return config_pb2.EvalConfig(
        model_specs=[
            config_pb2.ModelSpec(
                # Unless told, TFMA tries to load every model as a Keras one first.
                model_type=tfma.TF_GENERIC,
                signature_name=SIGNATURE,
                prediction_key=PREDICTION_KEY,
                label_key=label_key,
            )
        ],
        slicing_specs=slices,
        metrics_specs=[
            config_pb2.MetricsSpec(
                metrics=[
                    *(_metric_config(metric) for metric in settings.metrics),
                    *(config_pb2.MetricConfig(class_name=plot) for plot in settings.plots),
                ]
            )
        ],
        options=config_pb2.Options(include_default_metrics={"value": False}),
    )


def _check_known(setting: str, metric: str) -> None:
    """TFMA itself would find out only after the training."""
    known = {
        name
        for module in (tf_keras.metrics, tfma.metrics)
        for name, value in vars(module).items()
        if isinstance(value, type)
    }
    if metric not in known:
        close = difflib.get_close_matches(metric, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "name a class of tf_keras.metrics."
        raise SettingsError(f"Setting {setting}: there is no metric {metric}; {hint}")


def _metric_config(metric: MetricSettings) -> config_pb2.MetricConfig:
    limits = [(config_pb2.SlicingSpec(), metric.overall)]
    limits += [
        (config_pb2.SlicingSpec(feature_keys=[feature]), limit)
        for feature, limit in sorted(metric.per_slice.items())
    ]
    return config_pb2.MetricConfig(
        class_name=metric.metric,
        per_slice_thresholds=[
            config_pb2.PerSliceMetricThreshold(
                slicing_specs=[slicing], threshold=_threshold(limit, metric.higher_is_better)
            )
            for slicing, limit in limits
            if limit != Limits()
        ],
    )


def _threshold(limits: Limits, higher_is_better: bool) -> config_pb2.MetricThreshold:
    threshold = config_pb2.MetricThreshold()
    if limits.min is not None:
        threshold.value_threshold.lower_bound.value = limits.min
    if limits.max is not None:
        threshold.value_threshold.upper_bound.value = limits.max
    if limits.max_drop is not None:
        # TFMA compares the signed change candidate - baseline: at least -max_drop where higher is
        # better, at most max_drop where lower is.
        change = threshold.change_threshold
        change.absolute.value = -limits.max_drop if higher_is_better else limits.max_drop
        change.direction = (
            config_pb2.MetricDirection.HIGHER_IS_BETTER
            if higher_is_better
            else config_pb2.MetricDirection.LOWER_IS_BETTER
        )
    return threshold
