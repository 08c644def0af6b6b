"""From our evaluation settings to TensorFlow Model Analysis's EvalConfig."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator

import tensorflow_model_analysis as tfma
import tf_keras
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator import metric_kinds
from models.declaration import Declaration
from models.features.kind import FeatureKind
from models.labels.kind import LabelKind
from pipeline import metric_trial
from pipeline.sections.evaluation import EvaluationSettings, Limits, MetricSettings
from pipeline.settings import SettingsError

SIGNATURE = "examples"
_MADE_OF = {
    "classes": ("labels and probabilities", "SparseCategoricalAccuracy"),
    "number": ("numbers", "RootMeanSquaredError"),
    "tags": ("tags and their probabilities", "F1Score"),
}
"""What metrics are made of by kind of label, and one that can be."""


def eval_config(settings: EvaluationSettings, label: LabelKind) -> config_pb2.EvalConfig:
    """The EvalConfig of a run: the served signature, the slices and every threshold.

    Thresholds are written per slice: TFMA applies `MetricConfig.threshold` to all slices alike.

    Raises:
      SettingsError: a metric or plot is neither one of tf_keras nor one of TFMA, or gives no number
        for labels that are indices and predictions that are probabilities.
    """
    _check_metrics(settings, label)
    slices = [config_pb2.SlicingSpec()]
    features = sorted({name for metric in settings.metrics for name in metric.per_slice})
    slices += [config_pb2.SlicingSpec(feature_keys=[feature]) for feature in features]
    return config_pb2.EvalConfig(
        model_specs=[
            config_pb2.ModelSpec(
                # Unless told, TFMA tries to load every model as a Keras one first.
                model_type=tfma.TF_GENERIC,
                signature_name=SIGNATURE,
                prediction_key=next(iter(label.outputs)),
                label_key=label.name,
            )
        ],
        slicing_specs=slices,
        metrics_specs=_metrics_specs(settings, label),
        options=config_pb2.Options(include_default_metrics={"value": False}),
    )


def _metrics_specs(
    settings: EvaluationSettings, label: LabelKind
) -> Iterator[config_pb2.MetricsSpec]:
    """One for metrics of all classes and plots; of two classes another one for the second.

    The first metric is in the first one, where a run on a cluster looks for its threshold.
    """
    by_second: dict[bool, list[config_pb2.MetricConfig]] = {}
    for metric in settings.metrics:
        config = _metric_config(metric, label)
        by_second.setdefault(_is_of_one(metric, label), []).append(config)
    for plot in settings.plots:
        by_second.setdefault(False, []).append(config_pb2.MetricConfig(class_name=plot))
    second = config_pb2.BinarizationOptions()
    second.class_ids.values.append(1)
    for is_of_one, metrics in by_second.items():
        yield config_pb2.MetricsSpec(metrics=metrics, binarize=second if is_of_one else None)


def check_slices(settings: EvaluationSettings, schema_text: str, declaration: Declaration) -> None:
    """Makes sure that each feature under `per_slice` is one that examples can be sliced by, and
    that the metric has a value on its slices.

    Raises:
      SettingsError: it is not, or has none.
    """
    schema = schema_pb2.Schema()
    text_format.Parse(schema_text, schema)
    known = {
        feature.name: _why_unsliceable(feature, declaration.used.get(feature.name))
        for feature in schema.feature
    }
    fine = ", ".join(name for name, problem in known.items() if problem is None) or "none"
    label = declaration.label
    for index, metric in enumerate(settings.metrics):
        for feature in metric.per_slice:
            key = f"Setting `evaluation.metrics.{index}.per_slice.{feature}`"
            if feature not in known:
                close = difflib.get_close_matches(feature, known, n=1)
                hint = f"did you mean {close[0]}?" if close else f"choose among: {fine}."
                raise SettingsError(f"{key}: the schema has no feature {feature}; {hint}")
            if known[feature]:
                raise SettingsError(
                    f"{key}: {feature} {known[feature]}, so examples cannot be sliced by it;"
                    f" choose among: {fine}."
                )
            if feature == label.name and _is_of_one(metric, label):
                raise SettingsError(
                    f"{key}: of two classes {metric.metric} compares one with the other, and a"
                    " slice by the label holds one alone; choose SparseCategoricalAccuracy."
                )


_MANY_VALUES = {"date": "moments", "time": "times of day", "text": "texts"}
"""What features hold of which hardly two examples have the same, by kind."""


def _why_unsliceable(feature: schema_pb2.Feature, declared: FeatureKind | None) -> str | None:
    domain = feature.WhichOneof("domain_info")
    if domain in ("image_domain", "natural_language_domain", "struct_domain", "url_domain"):
        return f"holds {domain.removesuffix('_domain').replace('_', ' ')} data"
    many = "with nearly as many values as examples"
    if feature.type == schema_pb2.FLOAT:
        return f"is a FLOAT, {many}"
    if feature.type == schema_pb2.STRUCT:
        return "is a STRUCT"
    if declared and (values := _MANY_VALUES.get(declared.kind)):
        return f"holds {values}, {many}"
    return None


def _is_of_one(metric: MetricSettings, label: LabelKind) -> bool:
    """Whether it is measured of the second of two classes."""
    has_two = label.kind == "classes" and len(label.names or ()) == 2
    return has_two and metric.metric in metric_kinds.OF_ONE_CLASS


def _check_metrics(settings: EvaluationSettings, label: LabelKind) -> None:
    """TFMA itself would find out only after the training."""
    known = {
        *(name for name, value in vars(tf_keras.metrics).items() if isinstance(value, type)),
        *metric_types.registered_metrics(),
    }
    plots = {name for name in known if name.endswith("Plot")}
    metrics = [metric.metric for metric in settings.metrics]
    for index, name in enumerate(metrics):
        key = f"Setting `evaluation.metrics.{index}.metric` = '{name}'"
        if name in plots:
            raise SettingsError(
                f"{key} is a plot, which has no limits; name it in evaluation.plots."
            )
        _check_known(key, "metric", name, known - plots)
        if problem := metric_kinds.misfit(name, label.kind, len(label.names or ())):
            raise SettingsError(f"{key} {problem}; choose another, e.g. {_MADE_OF[label.kind][1]}.")
    for index, name in enumerate(settings.plots):
        key = f"Setting `evaluation.plots.{index}` = '{name}'"
        if name in known - plots:
            raise SettingsError(f"{key} is a metric and no plot; name it in evaluation.metrics.")
        _check_known(key, "plot", name, plots)
    what, choice = _MADE_OF[label.kind]
    found = metric_trial.problems(metric_trial.unfamiliar(metrics, label), label)
    for name, problem in found.items():
        key = f"Setting `evaluation.metrics.{metrics.index(name)}.metric` = '{name}'"
        raise SettingsError(
            f"{key} cannot be computed from {what}: {problem}; choose another, e.g. {choice}."
        )
    drawn = metric_trial.unfamiliar(settings.plots, label)
    for name, problem in metric_trial.problems_of_plots(drawn, label).items():
        key = f"Setting `evaluation.plots.{settings.plots.index(name)}` = '{name}'"
        raise SettingsError(f"{key} cannot be drawn of {what}: {problem}; leave it out.")


def _check_known(key: str, what: str, name: str, known: set[str]) -> None:
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=1)
    hint = "name a class of tf_keras.metrics."
    if what == "plot":
        hint = f"choose among: {', '.join(sorted(known))}."
    if close:
        hint = f"did you mean {close[0]}?"
    raise SettingsError(f"{key}: there is no {what} of that name; {hint}")


def _metric_config(metric: MetricSettings, label: LabelKind) -> config_pb2.MetricConfig:
    limits = [(config_pb2.SlicingSpec(), metric.overall)]
    limits += [
        (config_pb2.SlicingSpec(feature_keys=[feature]), limit)
        for feature, limit in sorted(metric.per_slice.items())
    ]
    threshold = label.tagging.threshold if label.tagging else None
    arguments = metric_kinds.arguments(metric.metric, threshold)
    return config_pb2.MetricConfig(
        class_name=metric.metric,
        module=metric_kinds.MODULES.get(metric.metric, ""),
        config=json.dumps(arguments) if arguments else "",
        per_slice_thresholds=[
            config_pb2.PerSliceMetricThreshold(
                slicing_specs=[slicing], threshold=_threshold(limit, metric.higher_wins)
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
