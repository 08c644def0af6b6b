"""Metrics and thresholds, as a person sets them."""

import pytest

from pipeline.settings import REPOSITORY, SettingsError, load_settings

QUICK = REPOSITORY / "configs" / "quick.yaml"


@pytest.mark.medium
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("evaluation.metrics=[]", "`evaluation.metrics` .* at least 1"),
        ("evaluation.metrics=[{metric: Precision}]", "set at least one threshold"),
        (
            "evaluation.metrics=[{metric: Precision, overall: {min: 1.5}}]",
            r"`evaluation.metrics.0` .* overall: min = 1.5 can never hold, Precision is at most 1",
        ),
        (
            "evaluation.metrics=[{metric: A, per_slice: {label: {min: 0.9, max: 0.8}}}]",
            r"per_slice.label: min = 0.9 is more than max = 0.8",
        ),
        ("evaluation.metrics=[{metric: A, overall: {min: .nan}}]", "overall.min` = nan .* finite"),
        ("evaluation.metrics=[{metric: A, overall: {max_drop: -1}}]", "overall.max_drop` = -1"),
        (
            "evaluation.metrics=[{metric: A, overall: {min: 0}}, {metric: A}]",
            "metrics names A twice",
        ),
        (
            "evaluation.metrics=[{metric: BinaryCrossentropy, overall: {max: 1}},"
            " {metric: BinaryCrossEntropy}]",
            "metrics names BinaryCrossentropy and BinaryCrossEntropy, which are one",
        ),
        (
            "evaluation.metrics=[{metric: AUC, per_slice: {label: {max_drop: 2}}}]",
            "per_slice.label: max_drop = 2 refuses nothing, AUC lies between 0 and 1",
        ),
        (
            "evaluation.metrics=[{metric: AUC, higher_is_better: false, overall: {min: 0.1}}]",
            "higher_is_better = false is wrong for AUC; leave it out",
        ),
        (
            "evaluation.metrics=[{metric: Calibration, overall: {max_drop: 0.1}}]",
            "max_drop = 0.1 needs to know which values of Calibration are better; set"
            " higher_is_better to true or false",
        ),
        (
            "evaluation.metrics=[{metric: Calibration, overall: {min: 0.9, max: 1.1},"
            " per_slice: {label: {max_drop: 0.1}}}]",
            "per_slice.label: max_drop = 0.1 needs to know which values of Calibration are better",
        ),
        (
            "evaluation.plots=[CalibrationPlot, CalibrationPlot]",
            "plots names CalibrationPlot twice",
        ),
        ("evaluation.metrics=[{metric: A, overal: {min: 1}}]", "did you mean `.*overall`"),
    ],
)
def test_metrics_that_cannot_be_are_told_in_one_sentence(override: str, message: str):
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(QUICK, [override])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("limits", "higher"),
    [("{min: 0.9, max_drop: 0.1}", True), ("{max: 0.1, max_drop: 0.1}", False)],
)
def test_one_limit_tells_which_values_of_an_unheard_metric_are_better(limits, higher):
    settings = load_settings(QUICK, [f"evaluation.metrics=[{{metric: Own, overall: {limits}}}]"])
    [metric] = settings.evaluation.metrics
    assert metric.higher_wins is higher
