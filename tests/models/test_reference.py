"""Questions whose answers come from the function that the export uses, called in Python."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from documents.questions import Questions
from documents.reader import parse
from documents.reference import QUESTIONS
from models import features
from models.export import decode_images
from models.reference import ask, write_reference

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 28, 28), np.uint8)


def predict(raw: tf.Tensor) -> tf.Tensor:
    """Ten numbers that tell any two images apart."""
    pixels = tf.cast(tf.reshape(tf.io.decode_raw(raw, tf.uint8), [-1, features.PIXELS]), tf.float32)
    weights = tf.random.stateless_normal([features.PIXELS, 10], [1, 2]) / 1000
    return tf.nn.softmax(pixels @ weights)


def test_files_are_answered_as_their_decoded_pixels():
    asked = ask(predict, [image.tobytes() for image in IMAGES])
    assert asked.labels == features.LABELS
    for question in asked.files:
        if question.probabilities is None:
            continue
        decoded = decode_images(tf.constant([question.content])).numpy()
        wanted = predict(tf.constant([decoded.tobytes()])).numpy()[0]
        np.testing.assert_allclose(question.probabilities, wanted, rtol=1e-4, atol=1e-6)
    refused = {question.name for question in asked.files if question.probabilities is None}
    assert {"a text", "no bytes", "PNG, cut short", "JPEG, cut short"} <= refused
    assert "JPEG, colour, quality 75" not in refused


def test_edges_are_examples_without_a_label():
    asked = ask(predict, [IMAGES[0].tobytes()])
    zero = asked.examples[0]
    features_of = tf.train.Example.FromString(zero.content).features.feature
    assert (zero.name, list(features_of)) == ("all zero", ["image"])
    assert features_of["image"].bytes_list.value[0] == bytes(features.PIXELS)
    np.testing.assert_allclose(zero.probabilities, 0.1, rtol=1e-5)


def test_the_document_reads_back_to_the_last_bit(tmp_path):
    asked = ask(predict, [IMAGES[0].tobytes()])
    write_reference(str(tmp_path), [b"x"], np.ones((1, 10), np.float32), asked)
    content = (tmp_path / QUESTIONS).read_bytes()
    assert parse(Questions, content) == asked
    found = np.array(parse(Questions, content).examples[1].probabilities, np.float32)
    assert np.array_equal(found, np.array(asked.examples[1].probabilities, np.float32))
