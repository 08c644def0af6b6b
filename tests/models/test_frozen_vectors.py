from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from models import frozen_vectors
from models.declaration import Declaration
from models.frozen_vectors import FrozenVectors, can_be_once
from models.hub.module import resolve
from models.network import Network, prediction_function
from models.training.inputs import evaluation_batches
from models.training.loop import fit
from models.training.options import TrainingOptions
from models.transform_graph import TransformGraph
from tests.models.transform import write_transform_graph

DECLARATION = Declaration.model_validate(
    {
        "features": {
            "photo": {"kind": "image", "size": [28, 28]},
            "weight": {"kind": "number"},
        },
        "label": {"name": "good", "kind": "classes", "values": ["no", "yes"]},
    }
)
MODULE = "models/modules/fashion_mnist_encoder"


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (120, 28, 28), np.uint8)
    return [
        {"photo": image.tobytes(), "weight": [float(place)], "good": place % 2}
        for place, image in enumerate(images)
    ]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory, rows: list[dict]) -> str:
    return write_transform_graph(tmp_path_factory.mktemp("graph"), DECLARATION, rows)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory, rows: list[dict]) -> list[str]:
    found = []
    for number, part in enumerate((rows[:70], rows[70:])):
        path = str(tmp_path_factory.mktemp("examples") / f"{number}")
        with tf.io.TFRecordWriter(path) as writer:
            for row in part:
                writer.write(_example(row))
        found.append(path)
    return found


def network(transform: TransformGraph, *, trainable: bool = False) -> Network:
    return Network(DECLARATION, resolve(MODULE), trainable=trainable, seed=0, sizes=transform.sizes)


class _Silent:
    def window_ended(self, *_: object, **__: object) -> None: ...
    def epoch_ended(self, _: int) -> None: ...


@pytest.mark.slow
@pytest.mark.extended
def test_module_that_is_frozen_is_asked_once(
    tmp_path: Path, graph: str, shards: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transform = TransformGraph(graph, DECLARATION)
    frozen = network(transform)
    assert can_be_once(frozen, transform, augment=False)
    assert not can_be_once(frozen, transform, augment=True)
    assert not can_be_once(network(transform, trainable=True), transform, augment=False)

    examples = FrozenVectors(frozen, transform, str(tmp_path)).examples(shards, shards[1:])
    assert sorted(os.listdir(tmp_path)) == ["eval", "train"]
    plain = prediction_function(frozen, transform.specs)
    short = prediction_function(frozen, examples.specs)
    for split, of in ((examples.train, shards), (examples.eval, shards[1:])):
        [(wanted, labels)] = evaluation_batches(of, transform.parse)
        [(found, same_labels)] = evaluation_batches(split, examples.parse)
        assert "photo" not in found
        np.testing.assert_array_equal(labels, same_labels)
        np.testing.assert_allclose(short(found), plain(wanted), atol=1e-5)

    # What is behind it learns from them, and the next training of the same data does not ask it.
    before = [variable.numpy() for variable in frozen.trainable_variables]
    options = TrainingOptions(epochs=2, batch_size=40, augment=False)
    fit(frozen, examples.train, examples.parse, options, _Silent())
    after = [variable.numpy() for variable in frozen.trainable_variables]
    assert all((old != new).any() for old, new in zip(before, after, strict=True))
    monkeypatch.setattr(Network, "embedded", None)
    again = FrozenVectors(frozen, transform, str(tmp_path)).examples(shards, shards[1:])
    [(found, _)] = evaluation_batches(again.eval, again.parse)
    [(first, _)] = evaluation_batches(examples.eval, examples.parse)
    np.testing.assert_array_equal(found["vector of photo"], first["vector of photo"])


def test_vectors_of_other_data_or_of_another_module_go(tmp_path: Path) -> None:
    config = {"hub": {"handle": "a"}, "declaration": "d", "training": {"epochs": 1}}
    kept, shard, graph = tmp_path / "kept", tmp_path / "shard", tmp_path / "graph"
    graph.mkdir()
    shard.write_text("examples")
    (graph / "saved_model.pb").write_text("graph")

    def place(config: dict) -> str:
        return frozen_vectors.place(str(kept), config, [str(shard)], str(graph))

    folder = place(config)
    os.makedirs(folder)
    assert place({**config, "training": {"epochs": 9}}) == folder
    assert os.path.isdir(folder)
    found = {folder, place({**config, "hub": {"handle": "b"}})}
    assert not os.path.exists(folder)
    # Files of the same names, which another store may have.
    for path in (shard, graph / "saved_model.pb"):
        path.write_text("others")
        found.add(place(config))
    assert len(found) == 4


def _example(row: dict) -> bytes:
    example = tf.train.Example()
    features = example.features.feature
    features["photo"].bytes_list.value.append(row["photo"])
    features["weight"].float_list.value.append(row["weight"][0])
    features["good"].int64_list.value.append(row["good"])
    return example.SerializeToString()
