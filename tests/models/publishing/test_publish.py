from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

from documents.provenance import Provenance
from documents.writer import write
from models.declaration import Declaration
from models.description import describe
from models.hub.__main__ import main
from models.hub.module import Module, resolve
from models.publishing import publish
from models.publishing.check import CheckError
from models.publishing.encoder import Encoder, trained_encoder
from models.publishing.publish import PublishedModule, publish_module
from models.publishing.version import Published
from tests import fashion_mnist
from tests.models.publishing.conftest import write_version
from tests.models.transform import write_transform_graph

IMAGES = np.random.default_rng(1).random([5, 28, 28, 1], np.float32)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def made(base_path: Path, tmp_path_factory: pytest.TempPathFactory) -> PublishedModule:
    target = tmp_path_factory.mktemp("modules")
    return publish_module(str(base_path), "3", None, target, "Apache-2.0")


def load(archive: Path, folder: Path, **options: Any) -> hub.KerasLayer:
    module = resolve(str(archive), cache=folder / "cache")
    return hub.KerasLayer(str(module.path), **options)


def assert_answers_through_its_head(version: Any, layer: hub.KerasLayer) -> None:
    """The module's vectors, through the version's own head, are the version's own answers."""
    pixels = np.round(IMAGES[..., 0] * 255).astype(np.uint8)
    kernel, bias = (
        next(found for found in version.weights if found.shape == shape)
        for shape in ([128, 10], [10])
    )
    vectors = layer(pixels[..., np.newaxis].astype(np.float32) / 255)
    expected = version.signatures["serving_default"](tf.constant(pixels))["probabilities"]
    assert np.ptp(expected) > 0.05
    np.testing.assert_allclose(tf.nn.softmax(vectors @ kernel + bias), expected, atol=1e-6)


@pytest.mark.slow
def test_folder_of_a_module(made: PublishedModule) -> None:
    assert made.handle == "fashion_mnist/image/3"
    assert {path.name for path in made.folder.iterdir()} == {
        "module.tar.gz",
        "module.tar.gz.sha256",
        "MODEL_CARD.md",
    }
    assert hashlib.sha256(made.archive.read_bytes()).hexdigest() == made.sha256
    done = subprocess.run(
        ["sha256sum", "--check", "module.tar.gz.sha256"], cwd=made.folder, capture_output=True
    )
    assert done.returncode == 0
    with tarfile.open(made.archive) as archive:
        names = archive.getnames()
    assert "saved_model.pb" in names
    assert not any(name.startswith("assets.extra") for name in names)


@pytest.mark.slow
def test_answers_are_those_of_the_version(
    made: PublishedModule, base_path: Path, tmp_path: Path
) -> None:
    layer = load(made.archive, tmp_path)
    version = tf.saved_model.load(str(base_path / "3"))
    ours = layer(IMAGES).numpy()
    assert ours.shape == (5, 128)
    assert np.array_equal(ours, version.encoder[0](tf.constant(IMAGES), training=False).numpy())
    assert_answers_through_its_head(version, layer)


@pytest.mark.slow
@pytest.mark.extended
def test_network_that_began_with_nothing(base_path: Path, tmp_path: Path) -> None:
    made = publish_module(str(base_path), "4", "image", tmp_path / "modules")
    version = tf.saved_model.load(str(base_path / "4"))
    assert_answers_through_its_head(version, load(made.archive, tmp_path))
    card = (made.folder / "MODEL_CARD.md").read_text()
    assert "weights drawn at random" in card
    assert "| data | not recorded |" in card
    assert "not stated" in card


@pytest.mark.slow
def test_can_be_fine_tuned(made: PublishedModule, tmp_path: Path) -> None:
    layer = load(made.archive, tmp_path, trainable=True)
    head = tf_keras.layers.Dense(2)
    optimizer = tf_keras.optimizers.Adam(0.01)
    before = [variable.numpy() for variable in layer.variables]
    losses = []
    for _ in range(5):
        with tf.GradientTape() as tape:
            logits = head(layer(IMAGES, training=True))
            entropy = tf.nn.sparse_softmax_cross_entropy_with_logits([0, 1, 0, 1, 0], logits)
            losses.append(tf.reduce_mean(entropy))
        variables = [*layer.trainable_variables, *head.trainable_variables]
        optimizer.apply_gradients(zip(tape.gradient(losses[-1], variables), variables, strict=True))
    assert losses[-1] < losses[0]
    assert len(layer.trainable_variables) == 21
    assert all(
        not np.array_equal(old, new) for old, new in zip(before, layer.variables, strict=True)
    ), "weights, and the statistics of batch normalization"


@pytest.mark.slow
@pytest.mark.extended
def test_text_module_answers_as_the_transform_graph(text_base_path: Path, tmp_path: Path) -> None:
    made = publish_module(str(text_base_path), "1", "review", tmp_path / "modules")
    assert made.handle == "reviews/review/1"
    again = publish_module(str(text_base_path), "1", "review", tmp_path / "modules")
    assert (again.sha256, again.is_new) == (made.sha256, False)
    layer = load(made.archive, tmp_path, trainable=True)
    version = tf.saved_model.load(str(text_base_path / "1"))
    texts = ["a good film", "no FUN, but!", "Unknown words", ""]
    rows = tf.SparseTensor([[i, 0] for i in range(4)], texts, [4, 1])
    packed = version.transform.transform_fn(
        {
            "review": rows,
            "remark": rows,
            "stars": tf.SparseTensor(tf.zeros([0, 2], tf.int64), tf.zeros([0]), [4, 0]),
            "good": tf.zeros([4], tf.int64),
        }
    )["texts_"]
    vectors = next(found for found in version.weights if "texts_vectors" in found.name)
    expected = tf.nn.safe_embedding_lookup_sparse(vectors, packed, combiner="sqrtn")
    ours = layer(tf.constant(texts)).numpy()
    assert np.array_equal(ours, expected.numpy())
    assert ours[0].any()
    assert not ours[3].any()
    assert len(layer.trainable_variables) == 1


@pytest.mark.slow
@pytest.mark.extended
def test_module_of_a_text_is_published_as_it_was_trained(
    text_base_path: Path, tmp_path: Path
) -> None:
    made = publish_module(str(text_base_path), "1", "remark", tmp_path / "modules")
    layer = load(made.archive, tmp_path, trainable=True, dtype=tf.string, input_shape=[])
    version = tf.saved_model.load(str(text_base_path / "1"))
    texts = tf.constant(["very good", "not at all", ""])
    assert np.array_equal(layer(texts), version.encoder[0](texts, training=False))
    assert len(layer.trainable_variables) == 1
    assert made.gives == "float32 [N, 5]"


@pytest.mark.slow
def test_card_is_filled_in(made: PublishedModule) -> None:
    card = (made.folder / "MODEL_CARD.md").read_text()
    for known in (
        "float32 [N, 28, 28, 1] from 0 to 1",
        "float32 [N, 128]",
        made.sha256,
        "Apache-2.0",
        "300 train, 60 eval",
        "sample, fingerprint 3b54",
        "models/modules/x (sha256 abc)",
        "epochs 4, seed 0",
        "SparseCategoricalAccuracy, overall | 0.9313 (eval split)",
        "0.9211 of 10,000 examples",
        "Bag\\|Box",
    ):
        assert known in card


@pytest.mark.slow
def test_publishing_again_changes_nothing(run: Run, made: PublishedModule, base_path: Path) -> None:
    inode = made.archive.stat().st_ino
    target = made.folder.parents[2]
    code, out, _ = run("publish", 3, "--to", target, "--base-path", base_path, "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["sha256"], found["is_new"]) == (made.sha256, False)
    assert made.archive.stat().st_ino == inode


@pytest.mark.slow
def test_another_module_in_its_place_stays(run: Run, base_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fashion_mnist" / "image" / "3"
    folder.mkdir(parents=True)
    (folder / "module.tar.gz").write_bytes(b"other")
    code, _, err = run("publish", 3, "--to", tmp_path, "--base-path", base_path)
    assert code == 1
    assert "holds another module" in err
    assert (folder / "module.tar.gz").read_bytes() == b"other"
    assert [path.name for path in tmp_path.iterdir()] == ["fashion_mnist"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["7"], "There is no version 7 in {base}, but there are 4, 3;"),
        (["../3"], "There is no version ../3"),
        (["3"], "Version 3 has several encoders; name one with --feature: photo, review."),
        (["3", "--feature", "label"], "--feature label: version 3 has no such feature"),
        (["3", "--feature", "stars"], "--feature stars is a number, which has no encoder"),
        (["4"], "has features of the kinds number only"),
        (["5"], "does not say what its features are"),
        (["3", "--base-path", "gs://bucket/x"], "is on another machine"),
        (["3", "--base-path", "/nowhere"], "which cannot be read (No such file"),
        (["3", "--base-path", "/usr"], "There is no version 3 in /usr, which holds none;"),
    ],
)
def test_nothing_to_publish(run: Run, tmp_path: Path, arguments: list[str], complaint: str) -> None:
    base = tmp_path / "base"
    kinds = {
        "3": {
            "photo": {"kind": "image", "size": [8, 8], "channels": 1},
            "review": {"kind": "text"},
        },
        "4": {},
    }
    for number, features in kinds.items():
        (base / number / "assets.extra").mkdir(parents=True)
        (base / number / "saved_model.pb").write_bytes(b"")
        document = describe(
            Declaration.model_validate(
                {
                    "features": {**features, "stars": {"kind": "number"}},
                    "label": {"name": "good", "kind": "number"},
                }
            )
        )
        write(document, str(base / number / "assets.extra" / "features.json"))
    if arguments == ["5"]:
        (base / "5").mkdir()
        (base / "5" / "saved_model.pb").write_bytes(b"")
    code, out, err = run("publish", "--base-path", base, "--to", tmp_path / "m", *arguments)
    assert (code, out) == (1, "")
    assert complaint.format(base=base) in err
    assert err.count("\n") == 1
    assert not (tmp_path / "m").exists()


@pytest.mark.slow
def test_module_that_answers_otherwise_is_not_published(
    run: Run, base_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check sees what was packed: here an encoder with one weight that is not the version's."""

    def mixed_up(version: Any, name: str, kind: Any) -> Encoder:
        right = trained_encoder(version, name, kind)
        other = tf.saved_model.load(str(version.folder)).encoder[0]
        kernel = next(found for found in other.variables if found.shape.rank == 4)
        kernel.assign(kernel * 1.001)
        return dataclasses.replace(right, save=lambda target: tf.saved_model.save(other, target))

    monkeypatch.setattr(publish, "trained_encoder", mixed_up)
    code, _, err = run("publish", 3, "--base-path", base_path, "--to", tmp_path / "m")
    assert code == 1
    assert "differ from the version's by" in err
    assert list((tmp_path / "m").iterdir()) == []


def version_with_loss(base: Path, graph: str, *, is_dead: bool) -> None:
    """Version 1 began as a module of one matrix that adds a loss."""
    kernel = tf.Variable(tf.ones([784, 3]) * 0.1)
    module = tf.train.Checkpoint()
    module.__call__ = tf.function(
        lambda inputs, training=False: tf.reshape(inputs, [-1, 784]) @ kernel, autograph=False
    )
    for training in (True, False):
        module.__call__.get_concrete_function(
            tf.TensorSpec([None, 28, 28, 1], tf.float32, "inputs"), training=training
        )
    module.variables = module.trainable_variables = [kernel]
    module.regularization_losses = [
        tf.function(
            lambda: tf.constant(1.0) if is_dead else 0.5 * tf.reduce_sum(kernel**2),
            input_signature=[],
            autograph=False,
        )
    ]
    source = base.parent / "source"
    tf.saved_model.save(module, str(source))
    write_version(base / "1", fashion_mnist.DECLARATION, Module(source, str(source), ""), graph)


@pytest.mark.slow
def test_regularization_losses_stay_alive(transform_graph: str, tmp_path: Path) -> None:
    base = tmp_path / "serving"
    version_with_loss(base, transform_graph, is_dead=False)
    made = publish_module(str(base), "1", None, tmp_path / "modules")
    layer = load(made.archive, tmp_path, trainable=True)
    [loss] = layer.losses
    [variable] = layer.trainable_variables
    assert float(loss) == pytest.approx(0.5 * float(tf.reduce_sum(variable**2)), rel=1e-5)
    variable.assign(variable * 2)
    assert float(layer.losses[0]) == pytest.approx(4 * float(loss), rel=1e-5)


@pytest.mark.slow
def test_loss_that_does_not_follow_the_weights_is_found(
    transform_graph: str, tmp_path: Path
) -> None:
    base = tmp_path / "serving"
    version_with_loss(base, transform_graph, is_dead=True)
    with pytest.raises(CheckError, match="1 of the module's 1 regularization losses do not follow"):
        publish_module(str(base), "1", None, tmp_path / "modules")


@pytest.mark.slow
@pytest.mark.extended
def test_an_image_without_a_module_is_found_beside_one_that_has_one(
    module: Module, tmp_path: Path
) -> None:
    declaration = Declaration.model_validate(
        {
            "features": {
                "front": {"kind": "image", "size": [28, 28], "module": module.handle},
                "back": {"kind": "image", "size": [20, 10], "channels": 3},
            },
            "label": {"name": "kind", "kind": "classes", "values": ["mug", "vase"]},
        }
    )
    rows = [{"front": bytes(784), "back": bytes(600), "kind": 0}]
    graph = write_transform_graph(tmp_path / "graph", declaration, rows)
    folder = write_version(tmp_path / "1", declaration, None, graph, modules={"front": module})
    version = Published(folder, 1, Provenance(), declaration)
    front, back = (
        trained_encoder(version, name, declaration.images[name]) for name in ("front", "back")
    )
    assert (front.inputs.shape[3], back.inputs.shape[3]) == (1, 3)
    back.save(str(tmp_path / "back"))
    again = hub.KerasLayer(str(tmp_path / "back"))(back.inputs)
    np.testing.assert_allclose(again, back.outputs, atol=1e-6)
