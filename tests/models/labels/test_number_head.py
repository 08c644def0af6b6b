"""What is learned of a number, and how it is answered."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from models.labels.heads import head_of
from models.labels.number.head import NumberHead
from models.labels.number.kind import NumberLabel

LABEL = NumberLabel(name="fare", kind="number")
SEEN = [np.array([10.0, 14.0], np.float32), np.array([6.0, 2.0, 8.0], np.float32)]
MEAN, SPREAD = 8.0, 4.0
LOGITS = tf.constant([[0.5], [-1.0]])
LABELS = tf.constant([10.0, 8.0])


def head() -> NumberHead:
    made = head_of(LABEL)
    assert isinstance(made, NumberHead)
    made.look_at(lambda: iter(SEEN), None)
    return made


def test_numbers_are_learned_in_spreads_around_their_mean() -> None:
    assert (head().names, head().width) == (None, 1)
    assert head().predictions(LOGITS).numpy() == pytest.approx([10.0, 4.0])
    assert head().loss(LOGITS, LABELS, 0.1).numpy() == pytest.approx([0.0, 1.0])
    assert head().loss(LOGITS, LABELS + 8, 0.0).numpy() == pytest.approx([4.0, 9.0])
    assert head().measured(LOGITS, LABELS).numpy() == pytest.approx([0.0, 1.0])


def test_before_it_has_seen_any_a_number_is_its_logit() -> None:
    assert NumberHead(LABEL).predictions(LOGITS).numpy() == pytest.approx([0.5, -1.0])


def test_numbers_that_are_all_the_same_have_a_spread_to_divide_by() -> None:
    made = NumberHead(LABEL)
    made.look_at(lambda: iter([np.array([3.0, 3.0], np.float32)]), None)
    assert made.predictions(LOGITS).numpy() == pytest.approx([3.0, 3.0])
    assert np.isfinite(made.loss(LOGITS, tf.constant([3.0, 3.0]), 0.0).numpy()).all()


def test_answers_are_measured_in_spreads_and_told_as_numbers() -> None:
    predictions, labels = np.array([10.0, 4.0], np.float32), np.array([12.0, 3.0], np.float32)
    assert head().evaluated(predictions, labels) == pytest.approx(1.5 / SPREAD)
    assert head().evaluation_loss(predictions, labels) == pytest.approx(2.5 / SPREAD**2)
    assert head().wrongness(predictions, labels) == pytest.approx([2.0, 1.0])
    assert head().told(np.float32(1234.5678), np.float32(-0.5)) == ("1234.57", "-0.5")


def test_a_number_is_answered_alone() -> None:
    answer = head().answer(tf.constant([1.0]))
    assert set(answer) == set(LABEL.answer)
    assert answer["prediction"].numpy().tolist() == [1.0]
    assert head().top(tf.constant([1.0])) == {}
