from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from components.variants.frozen import Frozen, freeze, replaced
from components.variants.options import PruningOptions
from components.variants.pruned import kept, kernels, prune, sparsity
from models.declaration import Declaration
from models.description import describe

LABELS: dict[str, dict[str, Any]] = {
    "classes": {"kind": "classes", "values": ["no", "yes"]},
    "tags": {"kind": "tags", "values": ["hot", "late"]},
    "number": {"kind": "number"},
}


@given(
    st.lists(
        arrays.arrays(np.float32, st.integers(1, 80), elements=st.floats(-8, 8, width=32)),
        min_size=1,
        max_size=4,
    ),
    st.floats(0, 1),
)
def test_as_many_weights_become_zero_as_are_asked_for(
    kernels: list[np.ndarray], zeros: float
) -> None:
    stays = kept(kernels, zeros)
    assert [part.shape for part in stays] == [kernel.shape for kernel in kernels]
    assert sum((~part).sum() for part in stays) == round(zeros * sum(map(np.size, kernels)))
    for kernel, part in zip(kernels, stays, strict=True):
        # The largest of a kernel goes last.
        assert (
            not (~part).any()
            or not part.any()
            or (np.abs(kernel[~part]).max() <= np.abs(kernel[part]).min())
        )


def test_small_kernels_keep_more_than_large_ones() -> None:
    random = np.random.default_rng(0)
    few, many = (random.normal(size=count).astype(np.float32) for count in (100, 10_000))
    of_few, of_many = kept([few, many], 0.8)
    assert of_few.mean() > 0.5 > of_many.mean()
    assert kept([np.zeros((3, 4), np.float32)], 0.5)[0].shape == (3, 4)


# Each trains fifteen epochs.
@pytest.mark.medium
@pytest.mark.parametrize(
    "kind",
    [
        "classes",
        pytest.param("tags", marks=[pytest.mark.slow, pytest.mark.extended]),
        pytest.param("number", marks=pytest.mark.slow),
    ],
)
def test_pruned_model_answers_nearly_as_before(tmp_path: Path, kind: str) -> None:
    declared = Declaration.model_validate(
        {
            "features": {"one": {"kind": "number"}, "two": {"kind": "number"}},
            "label": {"name": "mark", **LABELS[kind]},
        }
    )
    _save(_Model(kind), tmp_path / "model")
    frozen = freeze(str(tmp_path / "model"), describe(declared))
    values = np.random.default_rng(0).normal(size=(1_000, 2)).astype(np.float32)
    with tf.io.TFRecordWriter(str(tmp_path / "train")) as writer:
        for one, two in values:
            writer.write(_example(one, two))
    # Neither what is small nor what was not trained.
    assert sorted(frozen.weights[name].shape for name in kernels(frozen)) == [(32, 64), (64, 32)]

    options = PruningOptions(sparsity=0.7, epochs=15, learning_rate=0.01)
    pruned = prune(frozen, kind, [str(tmp_path / "train")], options)
    large = np.concatenate([pruned.weights[name].ravel() for name in kernels(pruned)])
    assert (large == 0).mean() == pytest.approx(0.7, abs=0.001)
    assert sparsity(frozen) < 0.1
    assert 0.5 < sparsity(pruned) <= 0.7
    wanted = _answers(frozen, values)
    at_once = _away(_zeroed(frozen, options), values, wanted)
    assert _away(pruned, values, wanted) < 0.5 * at_once


class _Model(tf.Module):
    """Two numbers to what a label is answered by."""

    def __init__(self, kind: str):
        super().__init__()
        shapes = ((2, 32), (32, 64), (64, 32), (32, 1 if kind == "number" else 2))
        self.layers = [
            tf.Variable(tf.random.stateless_normal(shape, (place, 0)) / shape[0] ** 0.5)
            for place, shape in enumerate(shapes)
        ]
        self.fixed = tf.Variable(tf.eye(32), trainable=False)
        self.kind = kind

    def __call__(self, one: tf.Tensor, two: tf.Tensor) -> tf.Tensor:
        hidden = tf.stack([one, two], 1)
        for layer in self.layers[:-1]:
            hidden = tf.nn.relu(tf.matmul(hidden, layer))
        logits = tf.matmul(tf.matmul(hidden, self.fixed), self.layers[-1])
        if self.kind == "number":
            return logits[:, 0]
        return tf.nn.softmax(logits) if self.kind == "classes" else tf.sigmoid(logits)


def _save(model: _Model, folder: Path) -> None:
    specs = [tf.TensorSpec([None], tf.float32, name) for name in ("one", "two")]

    @tf.function(input_signature=specs, autograph=False)
    def served(one: tf.Tensor, two: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"answer": model(one, two)}

    tf.saved_model.save(model, str(folder), signatures={"serving_default": served})


def _zeroed(frozen: Frozen, options: PruningOptions) -> Frozen:
    """The same zeros without training."""
    large = {name: frozen.weights[name] for name in kernels(frozen)}
    stays = kept([*large.values()], options.sparsity)
    return replaced(
        frozen,
        {name: large[name] * part for name, part in zip(large, stays, strict=True)},
    )


def _answers(frozen: Frozen, values: np.ndarray) -> np.ndarray:
    [found] = frozen.function(*(tf.constant(column) for column in values.T))
    return found.numpy()


def _away(frozen: Frozen, values: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.abs(_answers(frozen, values) - wanted).mean())


def _example(one: float, two: float) -> bytes:
    example = tf.train.Example()
    example.features.feature["one"].float_list.value.append(one)
    example.features.feature["two"].float_list.value.append(two)
    return example.SerializeToString()
