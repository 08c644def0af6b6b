from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from models.training.optimizer import OneCycle, adamw, compiled_step, parts_of
from models.training.options import TrainingOptions
from models.training.replicas import ALONE, Replicas


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


def learned(replicas: Replicas) -> list[float]:
    """What three steps tell, and all weights after them."""
    features, labels = tf.random.stateless_normal([8, 3], [1, 2]), tf.constant([1.0, 0.0] * 4)
    weights, unused = tf.Variable([0.1, 0.2, 0.3]), tf.Variable([1.0])
    table = tf.Variable(tf.ones([5, 3]))
    variables = [weights, unused, table]

    def objective(
        batch: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        found = tf.gather(table, tf.cast(labels, tf.int32) * 3)
        loss = tf.reduce_mean((tf.linalg.matvec(batch * found, weights) - labels) ** 2)
        return loss, tf.reduce_mean(labels)

    optimizer = adamw(variables, TrainingOptions(), steps=3)
    step = compiled_step(objective, variables, optimizer, 0, replicas)
    told = [float(each) for _ in range(3) for each in step(features, labels)]
    return [*told, *weights.numpy(), *unused.numpy(), *table.numpy().ravel()]


@pytest.mark.medium
@pytest.mark.parametrize("devices", [1, 2, 4])
def test_devices_that_share_a_batch_apply_the_gradient_of_all_of_it(devices: int) -> None:
    shared = learned(Replicas(["CPU:0"] * devices))
    np.testing.assert_allclose(shared, learned(ALONE), rtol=1e-4, atol=1e-5)


def test_parts_of_a_batch_are_equal_and_all_of_it() -> None:
    dense = tf.constant([[1], [2], [3], [4]])
    sparse = tf.sparse.from_dense([[1, 0], [0, 2], [3, 0], [0, 0]])
    first, second = (parts_of(({"a": dense, "b": sparse}, dense), 2, place) for place in (0, 1))
    assert (first[1].numpy().tolist(), second[0]["a"].numpy().tolist()) == ([[1], [2]], [[3], [4]])
    assert tf.sparse.to_dense(first[0]["b"]).numpy().tolist() == [[1, 0], [0, 2]]
    assert tf.sparse.to_dense(second[0]["b"]).numpy().tolist() == [[3, 0], [0, 0]]
