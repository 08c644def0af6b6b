"""The metrics that decide are those of the libraries."""

from __future__ import annotations

import numpy as np
import pytest
import tf_keras
from sklearn import metrics as of_sklearn

from components.evaluator.metric_kinds import KINDS
from models.tuning.metrics import METRICS, Answers, deciding

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 2, 500)
SCORES = np.clip(LABELS * 0.2 + RANDOM.random(500).round(2), 0.01, 0.99).astype(np.float32) / 1.3
TWO = Answers(np.stack([1 - SCORES, SCORES], axis=1), LABELS)
MANY = Answers(RANDOM.dirichlet([1] * 5, 300).astype(np.float32), RANDOM.integers(0, 5, 300))
TAGS = Answers(
    RANDOM.random((200, 4), np.float32), RANDOM.integers(0, 2, (200, 4)).astype(np.float32), 0.3
)
NUMBERS = Answers(
    RANDOM.normal(size=400).astype(np.float32), RANDOM.normal(size=400).astype(np.float32)
)


@pytest.mark.parametrize(
    ("name", "answers", "expected"),
    [
        ("AUC", TWO, of_sklearn.roc_auc_score(LABELS, SCORES)),
        ("AUC", TAGS, of_sklearn.roc_auc_score(TAGS.labels.ravel(), TAGS.predictions.ravel())),
        ("F1Score", TWO, of_sklearn.f1_score(LABELS, SCORES >= 0.5)),
        (
            "F1Score",
            TAGS,
            of_sklearn.f1_score(TAGS.labels.ravel(), TAGS.predictions.ravel() >= 0.3),
        ),
        ("R2Score", NUMBERS, of_sklearn.r2_score(NUMBERS.labels, NUMBERS.predictions)),
    ],
)
def test_is_what_scikit_learn_says(name, answers, expected):
    assert METRICS[name].compute(answers) == pytest.approx(expected, abs=1e-6)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("SparseCategoricalAccuracy", MANY),
        ("SparseCategoricalCrossentropy", MANY),
        ("BinaryCrossentropy", TAGS),
        ("MeanAbsoluteError", NUMBERS),
        ("MeanSquaredError", NUMBERS),
        ("RootMeanSquaredError", NUMBERS),
    ],
)
def test_is_what_keras_says(name, answers):
    metric = getattr(tf_keras.metrics, name)()
    metric.update_state(answers.labels, answers.predictions)

    assert METRICS[name].compute(answers) == pytest.approx(float(metric.result()), rel=1e-5)


def test_they_are_the_evaluations_and_as_good():
    for name, metric in METRICS.items():
        assert KINDS[name].higher_is_better is metric.higher_is_better


@pytest.mark.parametrize(
    ("named", "kind", "found"),
    [
        (["AUC", "SparseCategoricalAccuracy"], "classes", "AUC"),
        (["Calibration", "SparseCategoricalAccuracy"], "classes", "SparseCategoricalAccuracy"),
        (["TopKCategoricalAccuracy"], "classes", "SparseCategoricalCrossentropy"),
        (["R2Score"], "number", "R2Score"),
        (["AUC"], "number", "MeanSquaredError"),
        ([], "tags", "BinaryCrossentropy"),
    ],
)
def test_the_first_that_can_decide_does(named, kind, found):
    assert deciding(named, kind) == found


def test_a_split_of_one_class_has_no_auc():
    alone = Answers(TWO.predictions, np.zeros_like(LABELS))

    assert np.isnan(METRICS["AUC"].compute(alone))
