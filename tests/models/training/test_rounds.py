"""Batches that are gone through more than once."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from models.training.rounds import Rounds


@pytest.mark.parametrize(("examples", "size"), [(7, 3), (6, 3), (2, 3), (1, 1)])
def test_each_round_has_all_batches_in_their_order(examples: int, size: int):
    batches = tf.data.Dataset.range(examples).batch(size)
    wanted = [batch.tolist() for batch in batches.as_numpy_iterator()]
    rounds = Rounds(batches)
    for _ in range(3):
        assert [batch.numpy().tolist() for batch in rounds] == wanted


def test_of_nothing_each_round_is_empty():
    rounds = Rounds(tf.data.Dataset.range(0).batch(3))
    assert [list(rounds), list(rounds)] == [[], []]


def test_batches_are_as_they_were_nested():
    pairs = tf.data.Dataset.from_tensor_slices(({"fare": [1.0, 2.0]}, [0, 1])).batch(1)
    found = [
        (features["fare"].numpy().tolist(), int(label[0])) for features, label in Rounds(pairs)
    ]
    assert found == [([1.0], 0), ([2.0], 1)]


def test_one_iterator_serves_all_rounds(monkeypatch: pytest.MonkeyPatch):
    made: list[tf.data.Dataset] = []
    plain = tf.data.Dataset.__iter__

    def make(data: tf.data.Dataset) -> Any:
        made.append(data)
        return plain(data)

    monkeypatch.setattr(tf.data.Dataset, "__iter__", make)
    rounds = Rounds(tf.data.Dataset.range(4).batch(2))
    assert not made
    for _ in range(3):
        assert len(list(rounds)) == 2
    assert len(made) == 1
