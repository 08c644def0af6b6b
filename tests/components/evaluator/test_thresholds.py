"""Limits of an EvalConfig, as TFMA has them written, in our words."""

from __future__ import annotations

import pytest
from google.protobuf import text_format
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator.thresholds import thresholds_of
from components.evaluator.verdict import Threshold


def config(text: str) -> config_pb2.EvalConfig:
    return text_format.Parse(text, config_pb2.EvalConfig())


def of_metric(name: str, slicing: str, threshold: str) -> config_pb2.EvalConfig:
    return config(
        f"""metrics_specs {{ metrics {{ class_name: "{name}" per_slice_thresholds {{
            slicing_specs {{ {slicing} }} threshold {{ {threshold} }} }} }} }}"""
    )


@pytest.mark.parametrize(
    ("metric", "threshold", "expected"),
    [
        (
            "AUC",
            "value_threshold { lower_bound { value: 0.8 } }",
            Threshold("AUC", lower_bound=0.8),
        ),
        (
            "MeanSquaredError",
            "value_threshold { upper_bound { value: 0 } }",
            Threshold("MeanSquaredError", upper_bound=0.0, higher_is_better=False),
        ),
        (
            "AUC",
            "change_threshold { direction: HIGHER_IS_BETTER absolute { value: -0.01 } }",
            Threshold("AUC", max_drop=0.01),
        ),
        (
            "Mine",
            "change_threshold { direction: LOWER_IS_BETTER absolute { value: 0.5 } }",
            Threshold("Mine", max_drop=0.5, higher_is_better=False),
        ),
    ],
)
def test_a_limit_of_the_whole_is_the_only_one(
    metric: str, threshold: str, expected: Threshold
) -> None:
    assert thresholds_of(of_metric(metric, "", threshold)) == [expected]


def test_a_metric_with_limits_of_slices_alone_is_shown_of_the_whole_too() -> None:
    limit = "value_threshold { lower_bound { value: 0.5 } }"
    found = thresholds_of(of_metric("AUC", 'feature_keys: "hour"', limit))
    assert found == [Threshold("AUC"), Threshold("AUC", "hour", lower_bound=0.5)]
    [shown, demanded] = found
    assert not shown.demands
    assert demanded.demands


def test_metrics_without_limits_are_shown_and_plots_have_none() -> None:
    names = ("MeanAbsoluteError", "MultiClassConfusionMatrixPlot", "AUC")
    metrics = " ".join(f'metrics {{ class_name: "{name}" }}' for name in names)
    assert thresholds_of(config(f"metrics_specs {{ {metrics} }}")) == [
        Threshold("MeanAbsoluteError", higher_is_better=False),
        Threshold("AUC"),
    ]
