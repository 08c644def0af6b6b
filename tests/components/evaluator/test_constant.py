"""What always the same answer is worth: as TFMA and scikit-learn have it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
import sklearn.metrics
import tensorflow_model_analysis as tfma
from apache_beam.runners.portability.fn_api_runner import fn_runner
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator.constant import learned
from components.evaluator.metric_kinds import misfit
from models.labels.classes.kind import Classes
from models.labels.kind import LabelKind
from models.labels.number.kind import NumberLabel
from models.labels.tags.kind import Tags
from pipeline.evaluation import eval_config
from pipeline.metric_trial import FAMILIAR
from pipeline.sections.evaluation import EvaluationSettings
from tests.there import there

TWO = Classes(name="label", kind="classes", values=["no", "yes"])
THREE = Classes(name="label", kind="classes", values=["a", "b", "c"])
SEVEN = Classes(name="label", kind="classes", values=list("abcdefg"))
NUMBER = NumberLabel(name="label", kind="number")
TAGS = Tags(name="label", kind="tags", values=["a", "b", "c"], threshold=0.3)
RANDOM = np.random.default_rng(0)
DATA: dict[str, tuple[LabelKind, Any, Any]] = {
    "two": (TWO, RANDOM.choice(2, 60, p=[0.3, 0.7]), RANDOM.choice(2, 40, p=[0.4, 0.6])),
    "three": (THREE, RANDOM.choice(3, 60, p=[0.2, 0.5, 0.3]), RANDOM.choice(3, 40)),
    "seven": (SEVEN, np.repeat(np.arange(7), np.arange(7, 0, -1)), RANDOM.choice(7, 40)),
    "number": (NUMBER, RANDOM.normal(5, 2, 60), RANDOM.normal(6, 2, 40)),
    "tags": (TAGS, RANDOM.random((60, 3)) < [0.6, 0.2, 0.1], RANDOM.random((40, 3)) < 0.4),
}

STANDING = np.array([[1, 0, 0]] * 4 + [[0, 1, 0]] * 3 + [[1, 1, 1], [0, 0, 0]])


def _by_tfma(label: LabelKind, answer: Any, labels: Any, folder: Path) -> dict[str, float]:
    """Every familiar metric of a model that always says `answer`."""
    count = len(label.names or ())
    metrics = [
        {"metric": name}
        for name in sorted(FAMILIAR[label.kind])
        if "Plot" not in name and not misfit(name, label.kind, count)
    ]
    settings = EvaluationSettings.model_validate({"metrics": metrics})
    config = eval_config(settings, label)
    spec = config_pb2.ModelSpec(label_key="label", prediction_key="answer")
    held = labels.astype(float) if labels.ndim == 2 else labels[:, None].astype(float)
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array(held.tolist()),
            pa.array([answer.astype(np.float32).tolist()] * len(labels)),
        ],
        ["label", "answer"],
    )
    config = config_pb2.EvalConfig(
        model_specs=[spec],
        slicing_specs=[config_pb2.SlicingSpec()],
        metrics_specs=config.metrics_specs,
        options=config.options,
    )
    with beam.Pipeline(runner=fn_runner.FnApiRunner()) as pipeline:
        _ = (
            pipeline
            | beam.Create([batch])
            | tfma.ExtractEvaluateAndWriteResults(eval_config=config, output_path=str(folder))
        )
    [(_, outputs)] = tfma.load_eval_result(str(folder)).slicing_metrics
    return {
        name.replace("_", ""): float(value["doubleValue"])
        for by_sub_key in outputs.values()
        for found in by_sub_key.values()
        for name, value in found.items()
        if "doubleValue" in value
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two", "seven", "number", "tags"])
def test_each_metric_is_worth_what_tfma_says(name: str, tmp_path: Path) -> None:
    label, train, labels = DATA[name]
    constant = learned(
        label.kind, np.asarray(train), len(label.names or "."), getattr(label, "threshold", 0.5)
    )
    found = _by_tfma(label, constant.answer, np.asarray(labels), tmp_path)
    unknown = {"ExampleCount"}
    for metric in FAMILIAR[label.kind]:
        if metric in unknown or "Plot" in metric:
            continue
        if misfit(metric, label.kind, len(label.names or ())):
            continue
        worth = constant.worth(metric, np.asarray(labels))
        wanted = found[metric.lower()]
        if worth is None:
            assert math.isnan(wanted) or wanted == 0, metric
        else:
            assert worth == pytest.approx(wanted, abs=2e-4), metric


@pytest.mark.parametrize("name", ["two", "tags"])
def test_each_decision_is_worth_what_scikit_learn_says(name: str) -> None:
    label, train, labels = (TAGS, STANDING, STANDING[3:]) if name == "tags" else DATA[name]
    least = getattr(label, "threshold", 0.5)
    constant = learned(label.kind, np.asarray(train), len(there(label.names)), least)
    of_each = np.asarray(labels).astype(int).reshape(len(labels), -1)
    answer = constant.answer if name == "tags" else constant.answer[1:]
    likely = np.broadcast_to(answer, of_each.shape).ravel()
    said, found = likely.astype(np.float32) >= np.float32(least), of_each.ravel()
    assert said.any()
    for metric, wanted in (
        ("AUC", sklearn.metrics.roc_auc_score(found, likely)),
        ("BinaryAccuracy", sklearn.metrics.accuracy_score(found, said)),
        ("BinaryCrossentropy", sklearn.metrics.log_loss(found, likely)),
        ("Calibration", likely.sum() / found.sum()),
        ("F1Score", sklearn.metrics.f1_score(found, said)),
        ("Precision", sklearn.metrics.precision_score(found, said)),
        ("Recall", sklearn.metrics.recall_score(found, said)),
    ):
        assert constant.worth(metric, np.asarray(labels)) == pytest.approx(wanted), metric


def test_a_number_is_as_far_off_as_scikit_learn_says() -> None:
    _, train, labels = DATA["number"]
    constant = learned("number", train, 1)
    same = np.full(len(labels), train.mean())
    squared = sklearn.metrics.mean_squared_error(labels, same)
    assert constant.worth("MeanSquaredError", labels) == pytest.approx(squared)
    assert constant.worth("RootMeanSquaredError", labels) == pytest.approx(math.sqrt(squared))
    explained = sklearn.metrics.r2_score(labels, same)
    assert constant.worth("R2Score", labels) == pytest.approx(explained)


def test_classes_are_as_likely_as_scikit_learn_says() -> None:
    _, train, labels = DATA["three"]
    constant = learned("classes", train, 3)
    likely = np.broadcast_to(constant.answer, (len(labels), 3))
    wanted = sklearn.metrics.log_loss(labels, likely, labels=range(3))
    assert constant.worth("SparseCategoricalCrossentropy", labels) == pytest.approx(wanted)
    many = np.repeat(np.arange(7), np.arange(7, 0, -1))
    five = learned("classes", many, 7).worth("SparseTopKCategoricalAccuracy", many)
    assert five == (7 + 6 + 5 + 4 + 3) / len(many)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=50), st.integers(1, 4))
def test_the_most_frequent_class_is_right_as_often_as_it_is_there(found: list[int], k: int) -> None:
    labels = np.array(found)
    constant = learned("classes", labels, 4)
    most = max(found.count(label) for label in range(4))
    assert constant.worth("SparseCategoricalAccuracy", labels) == most / len(found)
    assert constant.words(["a", "b", "c", "d"]) == "abcd"[int(np.bincount(found).argmax())]
    assert constant.answer.sum() == pytest.approx(1)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_the_mean_explains_nothing(found: list[float]) -> None:
    labels = np.array(found)
    constant = learned("number", labels, 1)
    explained = constant.worth("R2Score", labels)
    if explained is not None and np.ptp(labels) > 1e-3:
        assert explained == pytest.approx(0, abs=1e-6)
    wanted = sklearn.metrics.mean_absolute_error(labels, np.full(len(labels), labels.mean()))
    assert constant.worth("MeanAbsoluteError", labels) == pytest.approx(wanted)


def test_the_most_frequent_tags_are_answered_together() -> None:
    labels = np.array([[1, 1, 0]] * 4 + [[0, 0, 1]] * 3 + [[1, 0, 0]] * 3, float)
    constant = learned("tags", labels, 3, threshold=0.5)
    assert constant.words(["a", "b", "c"]) == "a, b"
    assert learned("tags", np.zeros((3, 2)), 2).words(["a", "b"]) == "no tag"


def test_what_nobody_knows_is_no_yardstick() -> None:
    constant = learned("classes", np.array([0, 1, 1]), 2)
    assert constant.worth("MeanIoU", np.array([0, 1])) is None
    assert constant.worth("AUC", np.array([1, 1])) is None
    assert constant.worth("AUC", np.array([0, 1])) == 0.5
    assert constant.worth("AUC", np.array([], int)) is None
