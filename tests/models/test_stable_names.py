"""The same model saved again, at another moment of a process's life, has the same bytes."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from tensorflow.python.framework import ops

from models.stable_names import FINGERPRINT, stabilize, stable_names
from serving.base_path.content import content_digest
from tests.e2e import warm

REPOSITORY = Path(__file__).resolve().parents[2]


class Model(tf.Module):
    """Has what TensorFlow numbers: captured variables, functions in functions, loops, names with
    digits of their own."""

    def __init__(self) -> None:
        super().__init__(name="model_28")
        self.weights = [tf.Variable([float(number)], name=f"w_{number}") for number in range(20)]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "images_1")], autograph=False)
    def inner(self, images_1: tf.Tensor) -> tf.Tensor:
        return tf.add_n([images_1 * weight for weight in self.weights])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")], autograph=False)
    def serve(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        looped = tf.map_fn(lambda one: self.inner(one[None])[0], x)
        chosen = tf.cond(tf.size(x) > 2, lambda: looped, lambda: self.inner(x) + 0 * looped)
        return {"y": chosen}


def save(folder: Path, *, before: int = 0) -> Path:
    """Saves a model after so many other functions were traced, each of which takes a number."""
    for _ in range(before):
        ops.uid()
    model = Model()
    tf.saved_model.save(model, str(folder), signatures=model.serve)
    return folder


@pytest.fixture(scope="module")
def plain_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As TensorFlow saves it; it stays so."""
    return save(tmp_path_factory.mktemp("plain") / "a")


@pytest.fixture
def saved(plain_model: Path, tmp_path: Path) -> Path:
    """A copy to be stabilized."""
    return Path(shutil.copytree(plain_model, tmp_path / "a"))


@pytest.mark.medium
def test_equal_models_have_equal_bytes(saved: Path, tmp_path: Path) -> None:
    plain = [saved, save(tmp_path / "b", before=2_000)]
    large = rb"__inference_[a-z_]+[0-9]{4,}"
    file = plain[1] / "saved_model.pb"
    assert re.findall(large, file.read_bytes()), "nothing to mend any more"
    assert content_digest(plain[0]) != content_digest(plain[1]), "nothing to mend any more"
    for folder in plain:
        stabilize(str(folder))
    assert content_digest(plain[0]) == content_digest(plain[1])
    assert re.findall(large, file.read_bytes()) == []


SAVE = """
import sys
from pathlib import Path
from tests.models.test_stable_names import save
save(Path(sys.argv[1]), before=int(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.extended
def test_so_they_have_where_the_counter_is_as_low_as_the_numbers_of_operations(
    tmp_path: Path,
) -> None:
    """In a process that traced nothing before, a function may be the 25th, and so an operation."""
    for before in (0, 7):
        folder = tmp_path / str(before)
        (tmp_path / "save.py").write_text(SAVE)
        done = warm.run(
            [tmp_path / "save.py", folder, str(before)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        assert done.returncode == 0, done.stderr
        stabilize(str(folder))
    assert content_digest(tmp_path / "0") == content_digest(tmp_path / "7")


@pytest.mark.medium
def test_the_model_computes_what_it_did(saved: Path) -> None:
    values = tf.constant([1.0, 2.0, 3.0, -4.0])
    model = Model()
    expected = model.serve(values)["y"].numpy()
    stabilize(str(saved))
    loaded = tf.saved_model.load(str(saved))
    np.testing.assert_array_equal(loaded.signatures["serving_default"](x=values)["y"], expected)
    np.testing.assert_array_equal(loaded.serve(values)["y"], expected)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(saved))
        definition = meta.signature_def["serving_default"]
        found = session.run(
            definition.outputs["y"].name, {definition.inputs["x"].name: values.numpy()}
        )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.medium
def test_to_stabilize_again_changes_nothing(saved: Path) -> None:
    stabilize(str(saved))
    digest = content_digest(saved)
    stabilize(str(saved))
    assert content_digest(saved) == digest


@pytest.mark.medium
def test_the_fingerprint_is_that_of_the_file(saved: Path) -> None:
    before = tf.saved_model.experimental.read_fingerprint(str(saved))
    stabilize(str(saved))
    after = tf.saved_model.experimental.read_fingerprint(str(saved))
    assert (saved / FINGERPRINT).stat().st_size > 0
    # What it says of the graph, the signatures and the variables never depended on the numbers.
    for part in ("graph_def_program_hash", "signature_def_hash", "checkpoint_hash"):
        assert getattr(after, part) == getattr(before, part)


@pytest.mark.medium
def test_another_model_keeps_another_digest(saved: Path, tmp_path: Path) -> None:
    class Other(Model):
        def __init__(self) -> None:
            super().__init__()
            self.weights[0].assign([0.5])

    model = Other()
    tf.saved_model.save(model, str(tmp_path / "other"), signatures=model.serve)
    for folder in (saved, tmp_path / "other"):
        stabilize(str(folder))
    assert content_digest(saved) != content_digest(tmp_path / "other")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["f_40", "f_30"], ["f_1", "f_0"]),
        (["while_30_body_40", "conv2d_3"], ["while_body_1", "conv2d_0"]),
        (["conv2d_3_call_8", "conv2d_30_call_9"], ["conv2d_call_0", "conv2d_call_1"]),
        (["f_9", "f_10", "f"], ["f_0", "f_1", "f"]),
        (["f_7", "g_7"], ["f_0", "g_1"]),
        ([], []),
    ],
)
def test_numbers_of_the_counter_become_places(names: list[str], expected: list[str]) -> None:
    assert stable_names(names) == dict(zip(names, expected, strict=True))


@given(st.integers(0, 60), st.integers(0, 60))
def test_where_the_counter_stood_decides_nothing(first: int, again: int) -> None:
    """Also where a number of it is one that a name has of its own."""

    def named(start: int) -> list[str]:
        return [f"conv_{layer}_call_{start + layer}" for layer in range(30)]

    assert list(stable_names(named(first)).values()) == list(stable_names(named(again)).values())
