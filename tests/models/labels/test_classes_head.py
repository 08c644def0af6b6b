"""What an example counts for by its class, and how classes are answered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import tensorflow as tf

from models.labels.classes.head import ClassesHead
from models.labels.classes.kind import Classes
from models.labels.heads import head_of

LABEL = Classes(name="tip", kind="classes", values=["no", "yes", "maybe"])
LOGITS = tf.constant([[2.0, 0.0, 1.0], [2.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
LABELS = tf.constant([0, 1, 1], tf.int64)


def _losses(class_weights: Mapping[str, float] | str | None, seen: list[int]) -> np.ndarray:
    head = head_of(LABEL)
    head.look_at(lambda: iter([np.array(seen[:2]), np.array(seen[2:])]), class_weights)
    return head.loss(LOGITS, LABELS, 0.1).numpy()


def test_without_weights_the_labels_are_not_even_read() -> None:
    head = head_of(LABEL)
    head.look_at(lambda: pytest.fail("read"), None)
    assert head.loss(LOGITS, LABELS, 0.1).shape == (3,)


def test_balanced_classes_count_for_as_much_as_each_other() -> None:
    plain, seen = _losses(None, []), [0, 0, 0, 1]
    found = _losses("balanced", seen) / plain
    assert found == pytest.approx([4 / 6, 2, 2])
    assert sum({0: found[0], 1: found[1]}[label] for label in seen) == pytest.approx(4)


def test_weights_are_given_by_name_and_are_one_elsewhere() -> None:
    assert _losses({"yes": 3.0}, []) / _losses(None, []) == pytest.approx([1, 3, 3])


def test_the_loss_of_an_evaluation_is_neither_smoothed_nor_weighted() -> None:
    head = head_of(LABEL)
    found = head.evaluation_loss(tf.nn.softmax(LOGITS).numpy(), LABELS.numpy())
    wanted = tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, LOGITS).numpy().mean()
    assert found == pytest.approx(wanted, rel=1e-5)


PROBABILITIES = np.array(
    [[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.3, 0.3, 0.4], [0.9, 0.05, 0.05]], np.float32
)


def test_an_answer_is_the_best_class_its_score_and_all_probabilities() -> None:
    answer = head_of(LABEL).answer(tf.constant(PROBABILITIES))
    assert set(answer) == set(LABEL.answer)
    assert answer["label"].numpy().tolist() == [b"yes", b"no", b"maybe", b"no"]
    assert answer["score"].numpy() == pytest.approx([0.7, 0.5, 0.4, 0.9])
    assert answer["probabilities"].numpy() == pytest.approx(PROBABILITIES)
    assert head_of(LABEL).predictions(LOGITS).numpy().sum(axis=1) == pytest.approx([1, 1, 1])


def test_the_three_best_are_listed_or_all_of_fewer() -> None:
    many = Classes(name="tip", kind="classes", values=["a", "b", "c", "d"])
    top = head_of(many).top(tf.constant([[0.1, 0.4, 0.2, 0.3]]))
    assert top["top_labels"].numpy().tolist() == [[b"b", b"d", b"c"]]
    assert top["top_scores"].numpy() == pytest.approx(np.array([[0.4, 0.3, 0.2]]))
    two = Classes(name="tip", kind="classes", values=["a", "b"])
    assert head_of(two).top(tf.constant([[0.1, 0.9]]))["top_labels"].numpy().tolist() == [
        [b"b", b"a"]
    ]


def test_smoothing_gives_every_class_an_equal_share() -> None:
    logs = tf.nn.log_softmax(LOGITS).numpy().astype(np.float64)
    right = np.take_along_axis(logs, LABELS.numpy()[:, None], axis=1)[:, 0]
    wanted = -(0.7 * right + 0.3 * logs.mean(axis=1))
    assert head_of(LABEL).loss(LOGITS, LABELS, 0.3).numpy() == pytest.approx(wanted, rel=1e-5)


def test_right_is_who_has_the_best_class_right() -> None:
    head, labels = ClassesHead(LABEL), np.array([1, 1, 2, 0])
    logits, truths = tf.math.log(PROBABILITIES), tf.constant(labels, tf.int64)
    assert head.measured(logits, truths).numpy().tolist() == [1, 0, 1, 1]
    assert head.evaluated(PROBABILITIES, labels) == pytest.approx(3 / 4)
    assert head.wrongness(PROBABILITIES, labels) == pytest.approx([0, 0.5, 0, 0])
    assert head.told(PROBABILITIES[1], np.int64(2)) == ("no 0.50", "maybe")


def test_the_loss_of_what_was_called_impossible_is_finite() -> None:
    found = head_of(LABEL).evaluation_loss(np.array([[1.0, 0, 0]], np.float32), np.array([1]))
    assert found == pytest.approx(30 * np.log(10))
