"""Trying metrics out, with TFMA itself."""

import pytest

from models.labels.number.kind import NumberLabel
from models.labels.tags.kind import Tags
from pipeline.metric_trial import FAMILIAR, problems, problems_of_plots, unfamiliar
from tests.fashion_mnist import DECLARATION

pytestmark = pytest.mark.slow

CLASSES = DECLARATION.label
NUMBER = NumberLabel(name="fare", kind="number")
TAGS = Tags(name="about", kind="tags", values=["a", "b", "c"])


@pytest.mark.extended
@pytest.mark.parametrize("label", [CLASSES, NUMBER, TAGS], ids=lambda label: label.kind)
def test_what_is_taken_without_a_trial_would_pass_one(label) -> None:
    metrics = [name for name in sorted(FAMILIAR[label.kind]) if not name.endswith("Plot")]
    assert len(metrics) > 4
    assert problems(metrics, label) == {}


NO_METRICS = {
    "Mean": "missing 1 required positional argument",
    "MeanIoU": "num_classes",
    "Accuracy": "Shapes (20, 1) and (20, 10) are incompatible",
    "ConfusionMatrixAtThresholds": "",
}
"""Of labels and probabilities, and why."""


def test_what_is_no_metric_of_labels_and_probabilities_says_why_apart_from_others() -> None:
    found = problems([*NO_METRICS, "MeanLabel"], CLASSES)
    assert [*found] == [*NO_METRICS]
    for metric, said in found.items():
        assert said
        assert NO_METRICS[metric] in said
        assert "\n" not in said
        assert "0x" not in said


def test_one_alone_says_why_as_well() -> None:
    assert "num_classes" in problems(["MeanIoU"], CLASSES)["MeanIoU"]


def test_only_the_unfamiliar_are_tried_and_each_once() -> None:
    metrics = ["Precision", "MeanLabel", "AUC", "MeanLabel"]
    assert unfamiliar(metrics, CLASSES) == ["MeanLabel"]
    assert unfamiliar(["MeanAbsoluteError", "AUC"], NUMBER) == ["AUC"]


@pytest.mark.parametrize("label", [NUMBER, TAGS])
def test_what_has_no_number_for_other_labels_says_why(label) -> None:
    assert problems(["MeanIoU"], label)["MeanIoU"]


PLOTS = ["CalibrationPlot", "MultiClassConfusionMatrixPlot", "ObjectDetectionConfusionMatrixPlot"]


def test_a_plot_that_cannot_be_drawn_says_why_apart_from_others() -> None:
    found = problems_of_plots(PLOTS, CLASSES)
    assert [*found] == PLOTS[2:]
    assert "class_id" in found[PLOTS[2]]
    assert [*problems_of_plots(PLOTS[:1], NUMBER)] == PLOTS[:1]
    assert problems_of_plots([], NUMBER) == {}
