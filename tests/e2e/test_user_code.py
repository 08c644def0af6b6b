"""A file of code of one's own, from rows that it reads to a served model, by the runner itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.e2e import warm
from tests.e2e.clone import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.extended, pytest.mark.xdist_group("user code")]

SETTINGS = """
name: pets
code: pets/mine.py
data: {format: code, files: pets.txt}
features: {age: {kind: number}, breed: {kind: category}}
label: {name: kind, kind: classes, values: [cat, dog]}
training: {epochs: 8, batch_size: 16, learning_rate: 1.0e-2}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.8}}]}
serving_check: {growth_requests: 300, comparison_requests: 20, latency_requests: 20}
"""
CODE = """
import tensorflow as tf
import tensorflow_transform as tft
import tf_keras

from .words import VOCABULARY, rows


def examples(path):
    yield from rows(path)


def preprocess(features):
    age = features["age"]
    age = tf.where(tf.math.is_nan(age), 0.0, age)
    return {
        "age": tft.scale_to_z_score(age)[:, tf.newaxis],
        "breed": tft.compute_and_apply_vocabulary(
            features["breed"], vocab_filename=VOCABULARY, num_oov_buckets=1
        ),
    }


def network(features, outputs):
    # A functional model.
    breed = tf_keras.layers.Embedding(features.sizes[VOCABULARY], 4)(features["breed"])
    joined = tf_keras.layers.concatenate([features["age"], breed])
    hidden = tf_keras.layers.BatchNormalization()(joined)
    return tf_keras.Model([*features.values()], tf_keras.layers.Dense(outputs)(hidden))
"""
WORDS = """
VOCABULARY = "breeds"


def rows(path):
    with open(path) as file:
        for line in file:
            age, breed, kind = line.strip().split(";")
            yield {"age": age, "breed": breed, "kind": kind}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("user code")
    (folder / "pets").mkdir()
    (folder / "pets" / "mine.py").write_text(CODE)
    (folder / "pets" / "words.py").write_text(WORDS)
    (folder / "settings.yaml").write_text(SETTINGS)
    random = np.random.default_rng(0)
    lines = []
    for _ in range(400):
        is_dog = bool(random.integers(2))
        breed = ["Manx", "Korat", "Boxer", "Pug", ""][2 * is_dog + random.integers(2)]
        age = "" if random.random() < 0.1 else f"{random.normal(6, 2) + is_dog:.1f}"
        lines.append(f"{age};{breed};{'dog' if is_dog else 'cat'}\n")
    (folder / "pets.txt").write_text("".join(lines))
    return folder


def run(folder: Path, *arguments: str) -> tuple[dict, str]:
    """The summary, and what stands on standard error."""
    command = [str(REPOSITORY / "local_runner.py"), "--config", "settings.yaml", "--root", "root"]
    done = warm.run([*command, "--json", *arguments], cwd=folder)
    return json.loads(done.stdout), done.stderr


def test_three_functions_make_a_served_model(folder: Path) -> None:
    summary, errors = run(folder)
    assert summary["outcome"] == "pushed", errors
    assert 0.7 < summary["test_accuracy"] <= 1


def test_a_comment_runs_nothing_and_a_wrong_network_is_told_before_it_is_trained(
    folder: Path,
) -> None:
    path = folder / "pets" / "mine.py"
    path.write_text(CODE.replace("# A functional model.", "# One of two inputs."))
    summary, _ = run(folder, "--to", "Trainer")
    assert {node["state"] for node in summary["nodes"]} == {"cached", "skipped"}
    path.write_text(CODE.replace('[features["age"], breed]', '[features["breed"], breed]'))
    summary, errors = run(folder, "--to", "Trainer")
    line = CODE.splitlines().index(next(x for x in CODE.splitlines() if "joined =" in x)) + 1
    said = f"mine.py:{line} in network: `joined = tf_keras.layers.concatenate("
    assert said in summary["reason"]
    assert "breed float32 [None, 4]" in summary["reason"]
    assert "epoch " not in errors
