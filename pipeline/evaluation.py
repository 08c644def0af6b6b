"""From our evaluation settings to TensorFlow Model Analysis's EvalConfig."""

from __future__ import annotations

import difflib

import tensorflow_model_analysis as tfma
import tf_keras

from pipeline.settings import EvaluationSettings, Limits, MetricSettings, SettingsError

SIGNATURE = "examples"
PREDICTION_KEY = "probabilities"


def eval_config(settings: EvaluationSettings, label_key: str) -> tfma.EvalConfig:
    """The EvalConfig of a run: the served signature, the slices and every threshold.

    Thresholds are written per slice: TFMA applies `MetricConfig.threshold` to all slices alike.

    Raises:
      SettingsError: a metric is neither one of tf_keras nor one of TFMA.
    """
    for metric in settings.metrics:
        _check_known(metric.metric)
    slices = [tfma.SlicingSpec()]
    features = sorted({name for metric in settings.metrics for name in metric.per_slice})
    slices += [tfma.SlicingSpec(feature_keys=[feature]) for feature in features]
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(
                # Unless told, TFMA tries to load every model as a Keras one first.
                model_type=tfma.TF_GENERIC,
                signature_name=SIGNATURE,
                prediction_key=PREDICTION_KEY,
                label_key=label_key,
            )
        ],
        slicing_specs=slices,
        metrics_specs=[
            tfma.MetricsSpec(metrics=[_metric_config(metric) for metric in settings.metrics])
        ],
        options=tfma.Options(include_default_metrics={"value": False}),
    )


def _check_known(metric: str) -> None:
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
        raise SettingsError(f"Setting evaluation.metrics: there is no metric {metric}; {hint}")


def _metric_config(metric: MetricSettings) -> tfma.MetricConfig:
    limits = [(tfma.SlicingSpec(), metric.overall)]
    limits += [
        (tfma.SlicingSpec(feature_keys=[feature]), limit)
        for feature, limit in sorted(metric.per_slice.items())
    ]
    return tfma.MetricConfig(
        class_name=metric.metric,
        per_slice_thresholds=[
            tfma.PerSliceMetricThreshold(
                slicing_specs=[slicing], threshold=_threshold(limit, metric.higher_is_better)
            )
            for slicing, limit in limits
            if limit != Limits()
        ],
    )


def _threshold(limits: Limits, higher_is_better: bool) -> tfma.MetricThreshold:
    threshold = tfma.MetricThreshold()
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
            tfma.MetricDirection.HIGHER_IS_BETTER
            if higher_is_better
            else tfma.MetricDirection.LOWER_IS_BETTER
        )
    return threshold
