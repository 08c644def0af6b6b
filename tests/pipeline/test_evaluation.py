"""From settings to TFMA's EvalConfig."""

import pytest
from tensorflow_model_analysis.proto import config_pb2
from tensorflow_model_analysis.proto.config_pb2 import MetricDirection

from pipeline.evaluation import eval_config
from pipeline.settings import EvaluationSettings, SettingsError


def _settings(**metric: object) -> EvaluationSettings:
    return EvaluationSettings.model_validate({"metrics": [metric]})


def test_thresholds_are_written_for_their_own_slices():
    config = eval_config(
        _settings(
            metric="SparseCategoricalAccuracy",
            overall={"min": 0.9, "max_drop": 0.01},
            per_slice={"label": {"min": 0.6}},
        ),
        label_key="label",
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
        label_key="label",
    )
    [threshold] = config.metrics_specs[0].metrics[0].per_slice_thresholds
    assert threshold.threshold.value_threshold.upper_bound.value == 0.5
    assert threshold.threshold.change_threshold.absolute.value == 0.02
    assert threshold.threshold.change_threshold.direction == MetricDirection.LOWER_IS_BETTER


def test_what_is_evaluated_is_a_served_signature():
    config = eval_config(_settings(metric="Precision", overall={"min": 0.1}), label_key="label")
    [spec] = config.model_specs
    assert (spec.signature_name, spec.prediction_key) == ("examples", "probabilities")


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    with pytest.raises(SettingsError, match="did you mean SparseCategoricalAccuracy"):
        eval_config(
            _settings(metric="SparseCategoricalAcuracy", overall={"min": 0.1}), label_key="label"
        )


def test_a_plot_is_asked_for_and_decides_nothing():
    settings = EvaluationSettings.model_validate(
        {
            "metrics": [{"metric": "Precision", "overall": {"min": 0.1}}],
            "plots": ["MultiClassConfusionMatrixPlot"],
        }
    )
    [_, plot] = eval_config(settings, label_key="label").metrics_specs[0].metrics
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
            label_key="label",
        )
