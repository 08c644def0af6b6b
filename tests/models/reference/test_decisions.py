"""What answers decide, and by how much."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from documents.questions import Tagging
from models.reference.decisions import OfClasses, OfNumbers, OfTags, decisions_of


@given(arrays(np.float32, (7, 4), elements=st.floats(0, 1, width=32)))
def test_the_likeliest_class_and_no_other_has_a_margin(probabilities: NDArray[np.float32]) -> None:
    margins = OfClasses("abcd").margins(probabilities)
    assert margins.shape == probabilities.shape
    for row, margin in zip(probabilities, margins, strict=True):
        best = row.argmax()
        assert margin[best] >= 0
        assert (np.delete(margin, best) <= 0).all()
        assert margin[best] == row[best] - np.delete(row, best).max()


def test_of_two_classes_there_is_one_decision_and_of_one_none() -> None:
    two = OfClasses(("no", "yes"))
    assert two.margins(np.array([[0.25, 0.75]], np.float32)).tolist() == [[0.5]]
    assert two.called(0, is_for=True) == "just yes"
    assert two.called(0, is_for=False) == "just not yes"
    assert OfClasses(("only",)).margins(np.ones((3, 1), np.float32)).shape == (3, 0)


def test_each_tag_is_for_itself() -> None:
    tags = OfTags(("dear", "praise"), 0.25)
    assert tags.margins(np.array([[0.75, 0.0]], np.float32)).tolist() == [[0.5, -0.25]]
    assert tags.called(1, is_for=False) == "just not praise"


@pytest.mark.parametrize("at", [-3.0, 0.0, 250_000.0])
def test_levels_of_numbers_lie_beyond_the_data_and_at_nothing(at: float) -> None:
    answers = np.array([[at], [at + 2], [math.nan]], np.float32)
    numbers = OfNumbers.beyond(answers)
    assert set(numbers.levels) == {0.0, at - 2, at + 4}
    [below, above, _] = numbers.margins(answers)
    assert numbers.margins(answers).dtype == np.float32
    assert (below[1:] < 0).tolist().count(True) == 1
    assert above[0] > below[0]
    assert numbers.called(1, is_for=True) == f"above {at - 2:g}"


@pytest.mark.parametrize("values", [[7.0, 7.0], [math.inf], []])
def test_answers_that_are_all_alike_have_levels_too(values: list[float]) -> None:
    numbers = OfNumbers.beyond(np.array(values, np.float32)[:, None])
    assert np.isfinite(numbers.levels).all()
    assert numbers.spread > 0


def test_a_label_has_its_decisions() -> None:
    answers = np.zeros((2, 2), np.float32)
    tagging = Tagging(threshold=0.4, separator="|")
    assert decisions_of(("a", "b"), tagging, answers) == OfTags(("a", "b"), 0.4)
    assert decisions_of(("a", "b"), None, answers) == OfClasses(("a", "b"))
    assert isinstance(decisions_of(None, None, answers[:, :1]), OfNumbers)
