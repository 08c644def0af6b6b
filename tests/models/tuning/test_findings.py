"""What is said of a search."""

from __future__ import annotations

import pytest

from documents.tuning import Dimension, Repeat, Trial
from models.tuning.findings import findings

DIMENSIONS = [
    Dimension(key="training.dropout", kind="number", low=0.0, high=0.5),
    Dimension(key="training.dimensions", kind="choice", values=(8, 16)),
]


def found(values, repeats=()):
    trials = [
        Trial(
            number=number,
            values={"training.dropout": 0.1 * number, "training.dimensions": 16},
            state="done" if value is not None else "failed",
            value=value,
        )
        for number, value in enumerate(values)
    ]
    kept = [Repeat(number=n, seed=s, value=v) for n, s, v in repeats]
    return findings(
        DIMENSIONS,
        trials,
        kept,
        [1, 2, 3],
        metric="AUC",
        higher_is_better=True,
        examples=100,
        ended="trials",
    )


CONFIRMED = [(0, 1, 0.90), (0, 2, 0.91), (0, 3, 0.92), (2, 1, 0.95), (2, 2, 0.96), (2, 3, 0.97)]


def test_proposes_only_what_differs_and_was_confirmed():
    document = found([0.9, 0.8, 0.95], CONFIRMED)

    assert document.proposal == {"training.dropout": 0.2}
    assert document.headline == (
        "Trial 2 of 3 trials is better: AUC 0.9600 over 3 seeds where the settings as they are have"
        " 0.9100, and seeds alone make ±0.0100."
    )


@pytest.mark.parametrize(
    ("values", "repeats", "said"),
    [
        ([0.9, 0.8, 0.95], [(n, s, 0.9) for n, s, _ in CONFIRMED], "Nothing better was found: the"),
        ([0.9, 0.8, 0.95], CONFIRMED[:4], "Nothing is proposed: trial 2 of 3 trials has AUC 0.95"),
        ([0.9, 0.8, None], [], "Nothing better was found: of 3 trials, none has more"),
        ([0.9], [], "there was time for the settings as they are only"),
        ([None], [], "no trial came to its end"),
    ],
)
def test_proposes_nothing_otherwise(values, repeats, said):
    document = found(values, repeats)

    assert document.proposal == {}
    assert said in document.headline
