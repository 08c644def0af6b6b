"""Questions whose answers come from the function that the export uses, called in Python."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import tensorflow as tf

from documents.questions import Questions
from documents.reader import parse
from documents.reference import QUESTIONS
from models.features.image.pictures import decoder
from models.reference import reference
from models.reference.reference import COUNT, AskedImages, places, write_reference
from models.transform_graph import TransformGraph
from tests import fashion_mnist as features
from tests.there import there

decode_images = decoder(28, 28, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 28, 28), np.uint8)


def predict(inputs: dict[str, tf.Tensor]) -> tf.Tensor:
    """Ten numbers that tell any two images apart."""
    pixels = 255 * tf.reshape(inputs["image"], [-1, features.PIXELS])
    weights = tf.random.stateless_normal([features.PIXELS, 10], [1, 2]) / 1000
    return tf.nn.softmax(pixels @ weights)


def predicted(pixels: np.ndarray) -> np.ndarray:
    return predict({"image": tf.constant(pixels[np.newaxis], tf.float32) / 255}).numpy()[0]


def record(image: np.ndarray) -> bytes:
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.tobytes()]))
    return tf.train.Example(
        features=tf.train.Features(feature={"image": feature})
    ).SerializeToString()


@pytest.fixture(scope="module")
def asked_of(transform_graph: str) -> AskedImages:
    declaration = features.DECLARATION
    return AskedImages(declaration, TransformGraph(transform_graph, declaration), predict)


@pytest.fixture(scope="module")
def asked(asked_of: AskedImages) -> Questions:
    return asked_of.questions([record(image) for image in IMAGES])


@pytest.mark.medium
def test_files_are_answered_as_their_decoded_pixels(asked: Questions):
    assert asked.labels == features.LABELS
    for question in asked.files:
        if question.probabilities is None:
            continue
        decoded = decode_images(tf.constant([question.content])).numpy()
        wanted = predicted(decoded[0])
        np.testing.assert_allclose(question.probabilities, wanted, rtol=1e-4, atol=1e-6)
    refused = {question.name for question in asked.files if question.probabilities is None}
    assert {"a text", "no bytes", "PNG, cut short", "JPEG, cut short"} <= refused
    assert "JPEG, colour, quality 100" not in refused


@pytest.mark.medium
def test_an_example_can_be_sent_as_it_stands(asked_of: AskedImages):
    found = asked_of.example(record(IMAGES[0]))
    assert found.signature_name == "image_bytes"
    [instance] = found.instances
    decoded = decode_images(tf.constant([base64.b64decode(instance["b64"])])).numpy()
    assert np.array_equal(decoded[0], IMAGES[0])


@pytest.mark.medium
def test_edges_are_examples_without_a_label(asked: Questions):
    zero = asked.examples[0]
    features_of = tf.train.Example.FromString(zero.content).features.feature
    assert (zero.name, list(features_of)) == ("all zero", ["image"])
    assert features_of["image"].bytes_list.value[0] == bytes(features.PIXELS)
    np.testing.assert_allclose(there(zero.probabilities), 0.1, rtol=1e-5)


@pytest.mark.medium
def test_the_document_reads_back_to_the_last_bit(tmp_path, asked: Questions):
    write_reference(str(tmp_path), [b"x"], np.ones((1, 10), np.float32), asked)
    content = (tmp_path / QUESTIONS).read_bytes()
    assert parse(Questions, content) == asked
    found = np.array(parse(Questions, content).examples[1].probabilities, np.float32)
    assert np.array_equal(found, np.array(asked.examples[1].probabilities, np.float32))


def test_a_rare_label_is_shown_by_an_example_behind_the_others():
    predictions = np.tile(np.array([0.9, 0.09, 0.01], np.float32), (COUNT + 100, 1))
    predictions[5] = [0.1, 0.8, 0.1]
    predictions[COUNT + 7] = [0.2, 0.1, 0.7]
    predictions[COUNT + 8] = [0.92, 0.04, 0.04]
    assert places(predictions) == [*range(COUNT), COUNT + 7]
    assert places(predictions[:COUNT]) == [*range(COUNT)]
    assert places(predictions[:3]) == [0, 1, 2]


def test_of_numbers_the_least_and_the_greatest_are_shown():
    predictions = np.ones(COUNT + 100, np.float32)
    predictions[[4, COUNT + 1, COUNT + 3]] = [9, -5, 7]
    assert places(predictions) == [*range(COUNT), COUNT + 1]
    predictions[COUNT + 3] = 11
    assert places(predictions) == [*range(COUNT), COUNT + 1, COUNT + 3]


@pytest.mark.medium
def test_large_images_leave_room_in_the_document(
    asked_of: AskedImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a limit, so that of large ones fewer are asked about."""
    records = [record(image) for image in IMAGES]
    monkeypatch.setattr(reference, "_EDGES", 5 * features.PIXELS)
    monkeypatch.setattr(reference, "_BLENDS", 3 * features.PIXELS)
    asked = asked_of.questions(records)
    assert len(asked.examples) == 6, "five edges, and an image among other features"
    assert len([each for each in asked.mixtures if each.name.startswith("just")]) == 3
