"""From tf.Examples to requests."""

import base64
import io
import json
import math

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from components.serving_check.columns import ExampleError, is_row
from components.serving_check.feeds import (
    feed_array,
    instances,
    labels,
    of_file,
    pixels,
    takes_file,
)
from components.serving_check.options import Signature
from documents.questions import Question
from tests.components.serving_check.bench import IMAGES, serialized_example
from tests.fashion_mnist import CHECK_OPTIONS

OPTIONS = CHECK_OPTIONS
EXAMPLES = [serialized_example(image, label) for label, image in enumerate(IMAGES[:3])]


def test_pixels_and_labels_come_back():
    np.testing.assert_array_equal(pixels(EXAMPLES, OPTIONS), IMAGES[:3])
    assert labels(EXAMPLES, OPTIONS).tolist() == [0, 1, 2]


def test_numbers_are_sent_as_numbers():
    sent = instances(feed_array(OPTIONS.signatures["serving_default"], EXAMPLES, OPTIONS))
    assert json.loads(json.dumps(sent)) == IMAGES[:3].tolist()


def test_a_png_holds_the_same_pixels():
    [sent, *_] = instances(feed_array(OPTIONS.signatures["image_bytes"], EXAMPLES, OPTIONS))
    image = Image.open(io.BytesIO(base64.b64decode(sent["b64"])))
    assert image.format == "PNG"
    np.testing.assert_array_equal(np.asarray(image), IMAGES[0])


def test_colour_images_work_too():
    colours = np.random.default_rng(1).integers(0, 256, (2, 4, 5, 3), dtype=np.uint8)
    options = OPTIONS.model_copy(update={"image_shape": (4, 5, 3)})
    examples = [serialized_example(image, 0) for image in colours]
    [sent, *_] = instances(feed_array(options.signatures["image_bytes"], examples, options))
    image = Image.open(io.BytesIO(base64.b64decode(sent["b64"])))
    np.testing.assert_array_equal(np.asarray(image), colours[0])


def test_an_example_is_sent_as_it_is():
    sent = instances(feed_array(OPTIONS.signatures["examples"], EXAMPLES, OPTIONS))
    assert [base64.b64decode(instance["b64"]) for instance in sent] == EXAMPLES


ROWS = Signature.model_validate(
    {
        "feed": "columns",
        "images": {"image": [28, 28]},
        "inputs": {
            "image": {"dtype": "DT_STRING", "shape": [-1]},
            "fare": {"dtype": "DT_FLOAT", "shape": [-1]},
        },
        "outputs": {"probabilities": {"dtype": "DT_FLOAT", "shape": [-1, 2]}},
    }
)


def test_an_image_in_a_row_is_a_png_file():
    for number, sent in enumerate(instances(feed_array(ROWS, EXAMPLES, OPTIONS))):
        image = Image.open(io.BytesIO(base64.b64decode(sent["image"]["b64"])))
        np.testing.assert_array_equal(np.asarray(image), IMAGES[number])
        assert math.isnan(sent["fare"])


def test_a_file_takes_the_place_of_the_image_in_a_row():
    file = Question.of("image: a text", b"no image", None, feature="image")
    assert takes_file(ROWS, file)
    assert not takes_file(OPTIONS.signatures["image_bytes"], file)
    assert not takes_file(ROWS, Question.of("a text", b"no image", None))
    [sent] = of_file(ROWS, file, EXAMPLES[0])
    assert sent["image"] == b"no image"
    assert math.isnan(sent["fare"])
    cells = {"fare": 1.5}
    file = Question.of("a file", b"a file", (1.0,), feature="image", cells=cells)
    assert (file.cells, Question.model_validate_json(file.model_dump_json())) == (cells, file)
    assert of_file(ROWS, file, EXAMPLES[0])["fare"].tolist() == [1.5]
    file = Question.of(
        "a file", b"", (1.0,), feature="fare", cells={"image": b"other", "fare": None}
    )
    [sent] = of_file(ROWS, file.model_copy(update={"feature": "image"}), EXAMPLES[0])
    assert sent["image"] == b"other"
    assert math.isnan(sent["fare"])


def test_an_image_of_another_size_in_a_row_is_named():
    small = ROWS.model_copy(update={"images": {"image": (9, 9)}})
    with pytest.raises(ExampleError, match=r"'image' holds 784 bytes, which is no image of \[9, 9"):
        feed_array(small, EXAMPLES, OPTIONS)


def test_a_missing_feature_is_named():
    with pytest.raises(ExampleError, match="0 bytes values in feature 'picture'"):
        pixels(EXAMPLES, OPTIONS.model_copy(update={"image_feature": "picture"}))
    with pytest.raises(ExampleError, match="0 int64 values in feature 'image'"):
        labels(EXAMPLES, OPTIONS.model_copy(update={"label_feature": "image"}))


def test_an_image_of_another_size_is_named():
    with pytest.raises(ExampleError, match=r"784 bytes.*image_shape = \[32, 32\]"):
        pixels(EXAMPLES, OPTIONS.model_copy(update={"image_shape": (32, 32)}))


def test_an_example_that_is_empty_has_no_label():
    with pytest.raises(ExampleError, match="label"):
        labels([tf.train.Example().SerializeToString()], OPTIONS)


def test_bytes_that_are_no_example_are_no_row():
    assert is_row(ROWS, EXAMPLES[0])
    assert not is_row(ROWS, EXAMPLES[0][:100])
