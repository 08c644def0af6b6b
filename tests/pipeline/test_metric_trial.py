"""Trying metrics out, with TFMA itself."""

import pytest

from pipeline.metric_trial import FAMILIAR, FAMILIAR_OF_NUMBERS, problem, unfamiliar

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("metric", sorted(name for name in FAMILIAR if not name.endswith("Plot")))
def test_what_is_taken_without_a_trial_would_pass_one(metric: str) -> None:
    assert problem(metric, 10) is None


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("Mean", "missing 1 required positional argument"),
        ("MeanIoU", "num_classes"),
        ("Accuracy", "Shapes (20, 1) and (20, 10) are incompatible"),
        ("ConfusionMatrixAtThresholds", ""),
    ],
)
def test_what_is_no_metric_of_labels_and_probabilities_says_why(metric: str, said: str) -> None:
    found = problem(metric, 10)
    assert found
    assert said in found
    assert "\n" not in found
    assert "0x" not in found


def test_only_the_unfamiliar_are_tried_and_each_once() -> None:
    assert unfamiliar(["Precision", "MeanLabel", "AUC", "MeanLabel"]) == ["MeanLabel"]


@pytest.mark.parametrize("metric", sorted(FAMILIAR_OF_NUMBERS))
def test_what_is_taken_of_numbers_without_a_trial_would_pass_one(metric: str) -> None:
    assert problem(metric, None) is None


def test_what_has_no_number_for_numbers_says_why() -> None:
    assert problem("MeanIoU", None)
    assert unfamiliar(["MeanAbsoluteError", "AUC"], None) == ["AUC"]
