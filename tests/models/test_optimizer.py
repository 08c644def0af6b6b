from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from models.optimizer import OneCycle, adamw, compiled_step, parts_of
from models.options import TrainingOptions


@given(steps=st.integers(1, 500), fraction=st.floats(0, 0.99))
def test_rises_to_the_peak_then_falls_and_never_rests(steps: int, fraction: float) -> None:
    schedule = OneCycle(0.1, steps=steps, warmup_fraction=fraction)
    rates = schedule(np.arange(steps)).numpy()
    top = int(rates.argmax())
    assert (rates > 0).all()
    assert (np.diff(rates[: top + 1]) > 0).all()
    assert (np.diff(rates[top:]) <= 0).all()
    assert rates.max() <= 0.1 * (1 + 1e-6)


def test_reaches_the_peak_when_the_warm_up_ends() -> None:
    schedule = OneCycle(0.1, steps=100, warmup_fraction=0.2)
    np.testing.assert_allclose(
        schedule(np.array([0, 9, 19, 20, 60, 99])),
        0.1 * np.array([1 / 20, 10 / 20, 1, 1, 1 / 2, 1 / 80]),
        rtol=1e-6,
    )


@pytest.mark.parametrize(
    ("name", "decays"), [("conv/kernel", True), ("conv/gamma", False), ("head/bias", False)]
)
def test_only_weights_decay(name: str, decays: bool) -> None:
    variable = tf.Variable([2.0], name=name)
    options = TrainingOptions(learning_rate=0.1, weight_decay=0.5, warmup_fraction=0)
    optimizer = adamw([variable], options, steps=10)
    optimizer.apply_gradients([(tf.zeros([1]), variable)])
    assert (variable.numpy()[0] < 2) == decays


def test_a_step_draws_by_seed_and_number() -> None:
    variable = tf.Variable([0.0], name="bias")
    drawn: list[list[int]] = []

    for seed in (3, 4):
        optimizer = adamw([variable], TrainingOptions(), steps=2)

        def objective(
            images: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor]:
            loss = tf.reduce_sum(variable * images)
            return loss, tf.cast(seed, tf.float32)

        step = compiled_step(objective, [variable], optimizer, seed)
        drawn += [step(tf.ones([1]), tf.ones([1]))[1].numpy().tolist() for _ in range(2)]
    assert drawn == [[3, 0], [3, 1], [4, 0], [4, 1]]


def test_parts_of_a_batch_are_equal_and_all_of_it() -> None:
    dense = tf.constant([[1], [2], [3], [4]])
    sparse = tf.sparse.from_dense([[1, 0], [0, 2], [3, 0], [0, 0]])
    first, second = (parts_of(({"a": dense, "b": sparse}, dense), 2, place) for place in (0, 1))
    assert (first[1].numpy().tolist(), second[0]["a"].numpy().tolist()) == ([[1], [2]], [[3], [4]])
    assert tf.sparse.to_dense(first[0]["b"]).numpy().tolist() == [[1, 0], [0, 2]]
    assert tf.sparse.to_dense(second[0]["b"]).numpy().tolist() == [[3, 0], [0, 0]]
