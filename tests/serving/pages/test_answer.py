"""How answers read, whatever a model says."""

from __future__ import annotations

import math
from typing import Any

import pytest

from documents.features import Label
from serving.pages.answer import read_answer

CLASSES = Label(name="tip", kind="classes", values=("no", "yes"))
TAGS = Label(name="topics", kind="tags", values=("red", "round", "ripe"))
NUMBER = Label(name="price", kind="number")


@pytest.mark.parametrize("answer", [[0.25, 0.75], {"probabilities": [0.25, 0.75]}])
def test_classes_are_bars_and_the_best_one_is_the_answer(answer: Any) -> None:
    reading = read_answer(answer, CLASSES)
    assert reading.headline == "yes, score 0.750"
    assert [(bar.label, bar.score, bar.chosen) for bar in reading.scores] == [
        ("no", 0.25, False),
        ("yes", 0.75, True),
    ]


def test_the_models_own_words_win() -> None:
    answer = {"label": "sure", "score": 0.9, "probabilities": [0.1, 0.9]}
    assert read_answer(answer, CLASSES).headline == "sure, score 0.900"


@pytest.mark.parametrize("answer", [1234.5678, {"prediction": 1234.5678}])
def test_a_number_is_one(answer: Any) -> None:
    reading = read_answer(answer, NUMBER)
    assert (reading.headline, reading.scores) == ("price = 1234.57", ())


@pytest.mark.parametrize(
    ("scores", "threshold", "said"),
    [
        ([0.9, 0.2, 0.5], None, "red, ripe"),
        ([0.9, 0.2, 0.5], 0.6, "red"),
        ([0.1, 0.2, 0.3], None, "no tag"),
    ],
)
def test_tags_are_those_that_reach_the_threshold(
    scores: list[float], threshold: float | None, said: str
) -> None:
    options = {} if threshold is None else {"threshold": threshold}
    reading = read_answer(scores, TAGS.replaced(options=options))
    assert reading.headline == said
    assert len(reading.scores) == 3


def test_a_model_of_somebody_else_names_no_labels() -> None:
    assert read_answer([0.1, 0.9], None).headline == "label 1, score 0.900"
    assert read_answer([0.1, 0.9], None, ["cat", "dog"]).headline == "dog, score 0.900"
    assert read_answer(3, None).headline == "3"


@pytest.mark.parametrize(
    "answer", [[-3.0, 12.0], [[0.1], [0.2]], {"boxes": [1]}, "text", [math.nan], [], True, None]
)
def test_what_is_neither_is_shown_as_it_is(answer: Any) -> None:
    reading = read_answer(answer, None)
    assert reading.headline == "The model's answer"
    assert reading.scores == ()
    assert reading.text


@pytest.mark.parametrize(
    ("scores", "label", "named"),
    [
        ([0.25, 0.75], CLASSES, ("yes", 0.75)),
        ([0.9, 0.2, 0.5], TAGS, ("red, ripe", 0.5)),
        ([0.1, 0.2, 0.3], TAGS, ("no tag", 0.3)),
        (7.5, NUMBER, None),
    ],
)
def test_an_answer_in_a_line(scores: Any, label: Label, named: Any) -> None:
    assert read_answer(scores, label).named == named
