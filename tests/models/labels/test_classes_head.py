"""What an example counts for by its class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import tensorflow as tf

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
