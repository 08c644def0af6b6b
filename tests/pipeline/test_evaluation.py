"""From settings to TFMA's EvalConfig."""

import re
from pathlib import Path

import pytest
from tensorflow_model_analysis.proto import config_pb2
from tensorflow_model_analysis.proto.config_pb2 import MetricDirection

from models.declaration import Declaration
from models.labels.classes.kind import Classes
from pipeline.evaluation import check_slices, eval_config
from pipeline.sections.evaluation import EvaluationSettings
from pipeline.settings import SettingsError
from tests.fashion_mnist import DECLARATION

LABEL = DECLARATION.label


def _settings(**metric: object) -> EvaluationSettings:
    return EvaluationSettings.model_validate({"metrics": [metric]})


def test_thresholds_are_written_for_their_own_slices():
    config = eval_config(
        _settings(
            metric="SparseCategoricalAccuracy",
            overall={"min": 0.9, "max_drop": 0.01},
            per_slice={"label": {"min": 0.6}},
        ),
        label=LABEL,
    )
    overall, by_label = config.metrics_specs[0].metrics[0].per_slice_thresholds
    assert overall.slicing_specs[0] == config_pb2.SlicingSpec()
    assert overall.threshold.value_threshold.lower_bound.value == 0.9
    assert overall.threshold.change_threshold.absolute.value == -0.01
    assert overall.threshold.change_threshold.direction == MetricDirection.HIGHER_IS_BETTER
    assert by_label.slicing_specs[0].feature_keys == ["label"]
    assert not by_label.threshold.HasField("change_threshold")
    assert [list(spec.feature_keys) for spec in config.slicing_specs] == [[], ["label"]]


def test_a_loss_may_rise_by_max_drop():
    config = eval_config(
        _settings(
            metric="SparseCategoricalCrossentropy",
            higher_is_better=False,
            overall={"max": 0.5, "max_drop": 0.02},
        ),
        label=LABEL,
    )
    [threshold] = config.metrics_specs[0].metrics[0].per_slice_thresholds
    assert threshold.threshold.value_threshold.upper_bound.value == 0.5
    assert threshold.threshold.change_threshold.absolute.value == 0.02
    assert threshold.threshold.change_threshold.direction == MetricDirection.LOWER_IS_BETTER


def test_what_is_evaluated_is_a_served_signature():
    config = eval_config(_settings(metric="Precision", overall={"min": 0.1}), label=LABEL)
    [spec] = config.model_specs
    assert (spec.signature_name, spec.prediction_key) == ("examples", "probabilities")


def test_the_first_metric_stands_first_whichever_classes_it_is_about():
    label = Classes(name="tip", kind="classes", values=["no", "yes"])
    for names in (["AUC", "SparseCategoricalAccuracy"], ["SparseCategoricalAccuracy", "AUC"]):
        metrics = [{"metric": name, "overall": {"min": 0.6}} for name in names]
        config = eval_config(EvaluationSettings.model_validate({"metrics": metrics}), label=label)
        found = {spec.metrics[0].class_name: spec for spec in config.metrics_specs}
        assert [*found] == names
        assert found["AUC"].binarize.class_ids.values == [1]
        assert not found["SparseCategoricalAccuracy"].HasField("binarize")


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    with pytest.raises(SettingsError, match="did you mean SparseCategoricalAccuracy"):
        eval_config(_settings(metric="SparseCategoricalAcuracy", overall={"min": 0.1}), label=LABEL)


def test_a_plot_is_asked_for_and_decides_nothing():
    settings = EvaluationSettings.model_validate(
        {
            "metrics": [{"metric": "Precision", "overall": {"min": 0.1}}],
            "plots": ["MultiClassConfusionMatrixPlot"],
        }
    )
    [_, plot] = eval_config(settings, label=LABEL).metrics_specs[0].metrics
    assert plot == config_pb2.MetricConfig(class_name="MultiClassConfusionMatrixPlot")


def test_an_unknown_plot_is_refused_with_its_setting():
    with pytest.raises(SettingsError, match=r"evaluation\.plots.*MultiClassConfusionMatrixPlot"):
        eval_config(
            EvaluationSettings.model_validate(
                {
                    "metrics": [{"metric": "Precision", "overall": {"min": 0.1}}],
                    "plots": ["MultiClassConfusionMatrix"],
                }
            ),
            label=LABEL,
        )


def _refusal(**metric: object) -> str:
    with pytest.raises(SettingsError) as caught:
        eval_config(_settings(**{"overall": {"min": 0.1}, **metric}), label=LABEL)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("MultiClassConfusionMatrixPlot", "is a plot, which has no limits; .*evaluation.plots"),
        ("Metric", "cannot be computed from labels and probabilities: "),
        ("Mean", "cannot be computed .*feature_key_path"),
        ("MeanIoU", "cannot be computed .*num_classes"),
        ("sparsecategoricalaccuracy", "no metric of that name"),
        ("Zzz", "name a class of tf_keras.metrics"),
    ],
)
def test_what_is_no_metric_is_refused_with_key_and_value(metric: str, said: str):
    found = _refusal(metric=metric)
    assert found.startswith(f"Setting `evaluation.metrics.0.metric` = '{metric}' ") or (
        found.startswith(f"Setting `evaluation.metrics.0.metric` = '{metric}': ")
    )
    assert re.search(said, found)


def test_a_metric_among_the_plots_is_refused():
    settings = EvaluationSettings.model_validate(
        {"metrics": [{"metric": "AUC", "overall": {"min": 0.1}}], "plots": ["Precision"]}
    )
    with pytest.raises(SettingsError, match=r"plots.0` = 'Precision' is a metric and no plot"):
        eval_config(settings, label=LABEL)


def test_which_way_is_better_is_known_of_a_loss():
    settings = _settings(metric="SparseCategoricalCrossentropy", overall={"max_drop": 0.02})
    [metric] = eval_config(settings, label=LABEL).metrics_specs[0].metrics
    [threshold] = metric.per_slice_thresholds
    assert threshold.threshold.change_threshold.absolute.value == 0.02
    assert threshold.threshold.change_threshold.direction == MetricDirection.LOWER_IS_BETTER


SCHEMA = """
feature { name: "image" type: BYTES image_domain {} }
feature { name: "label" type: INT }
feature { name: "company" type: BYTES }
feature { name: "fare" type: FLOAT }
feature { name: "start" type: BYTES }
"""
RIDES = Declaration.model_validate(
    {
        "features": {"company": {"kind": "category"}, "start": {"kind": "date"}},
        "label": {"name": "label", "kind": "classes", "values": ["a", "b", "c"]},
    }
)


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ("colour", "the schema has no feature colour; choose among: label, company"),
        ("labl", "the schema has no feature labl; did you mean label?"),
        ("image", "image holds image data, so examples cannot be sliced by it; .*: label, company"),
        ("fare", "fare is a FLOAT"),
        ("start", "start holds moments, with nearly as many values as examples"),
    ],
)
def test_a_slice_that_cannot_be_is_refused_with_its_key(tmp_path: Path, feature: str, said: str):
    for fine in ("label", "company"):
        check_slices(_settings(metric="AUC", per_slice={fine: {"min": 0.1}}), SCHEMA, RIDES)
    with pytest.raises(SettingsError) as caught:
        check_slices(_settings(metric="AUC", per_slice={feature: {"min": 0.1}}), SCHEMA, RIDES)
    assert str(caught.value).startswith(f"Setting `evaluation.metrics.0.per_slice.{feature}`: ")
    assert re.search(said.replace("?", r"\?"), str(caught.value))


@pytest.mark.parametrize("metric", ["AUC", "Recall", "Calibration"])
def test_of_two_classes_a_slice_by_the_label_holds_one(metric: str):
    label = {"name": "label", "kind": "classes", "values": ["no", "yes"]}
    declared = {"features": {"company": {"kind": "category"}}, "label": label}
    two = Declaration.model_validate(declared)
    settings = _settings(metric=metric, per_slice={"label": {"min": 0.1}})
    check_slices(settings, SCHEMA, RIDES)
    check_slices(_settings(metric=metric, per_slice={"company": {"min": 0.1}}), SCHEMA, two)
    with pytest.raises(SettingsError, match=r"per_slice.label`: of two classes .* holds one alone"):
        check_slices(settings, SCHEMA, two)


@pytest.mark.parametrize(
    ("plot", "said"),
    [
        ("RegressionPlot", "no plot of that name; choose among: CalibrationPlot, "),
        ("ObjectDetectionConfusionMatrixPlot", "cannot be drawn of .*class_id.*; leave it out"),
    ],
)
def test_a_plot_that_cannot_be_is_refused_before_the_training(plot: str, said: str):
    with pytest.raises(SettingsError, match=rf"`evaluation.plots.0` = '{plot}'.*{said}"):
        eval_config(
            EvaluationSettings.model_validate(
                {"metrics": [{"metric": "Precision", "overall": {"min": 0.1}}], "plots": [plot]}
            ),
            label=LABEL,
        )


def test_a_metric_of_another_kind_of_label_is_refused():
    assert re.search(
        r"= 'R2Score' is about numbers.*; choose another, e.g. Sparse", _refusal(metric="R2Score")
    )
