"""What a signature can be asked, ready to be sent."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.serving_check.options import Signature, Tensor
from components.serving_check.pool import Pool, fragment
from components.serving_check.reference import read_reference
from documents.questions import Question, Questions
from tests.components.serving_check.bench import EXAMPLES, IMAGES, make_bench
from tests.fashion_mnist import CHECK_OPTIONS

OPTIONS = CHECK_OPTIONS


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    bench = make_bench(tmp_path_factory.mktemp("bench"))
    return read_reference(str(bench.path("model")))


def test_pixels_are_reference_examples_and_edges(reference):
    pool = Pool(OPTIONS.signatures["serving_default"], reference, OPTIONS)
    assert (list(pool.real), pool.name(3)) == (list(range(EXAMPLES)), "example 3")
    assert len(pool.edges) == len(reference.edges) > 10
    assert len(pool.files) == 0
    assert pool.name(EXAMPLES) == "“all zero”"
    assert not pool.inputs[EXAMPLES].any()
    assert json.loads(pool.json([7, 0])) == [IMAGES[7].tolist(), IMAGES[0].tolist()]
    assert json.loads(pool.json_rows("images", [1])) == [{"images": IMAGES[1].tolist()}]
    assert json.loads(pool.json([])) == []


def test_files_come_after_them_without_those_that_are_refused(reference):
    pool = Pool(OPTIONS.signatures["image_bytes"], reference, OPTIONS)
    assert [pool.name(place) for place in pool.files] == ["“PNG, grey”"]
    [value] = json.loads(pool.json([pool.files[0]]))
    assert list(value) == ["b64"]
    assert np.allclose(pool.probabilities[pool.files[0]], reference.probabilities[0])


def test_every_signature_expects_the_same_answers(reference):
    pools = [Pool(each, reference, OPTIONS) for each in OPTIONS.signatures.values()]
    count = pools[0].files.start
    for pool in pools[1:]:
        assert np.array_equal(pool.probabilities[:count], pools[0].probabilities[:count])


def test_a_file_stands_in_the_row_of_the_example_that_its_question_names(reference):
    rows = Signature(
        feed="columns",
        images={"image": (28, 28)},
        inputs={
            "image": Tensor(dtype="DT_STRING", shape=(-1,)),
            "fare": Tensor(dtype="DT_FLOAT", shape=(-1,)),
        },
        outputs={"probabilities": Tensor(dtype="DT_FLOAT", shape=(-1, 10))},
    )
    examples = [*reference.examples]
    with_fare = tf.train.Example.FromString(examples[7])
    with_fare.features.feature["fare"].float_list.value.append(1.5)
    examples[7] = with_fare.SerializeToString()
    answer = tuple(reference.probabilities[7].tolist())
    file = Question.of("a file", b"file", answer, feature="image", example=7)
    asked = Questions(labels=reference.labels, files=(file,))
    changed = dataclasses.replace(reference, examples=examples, questions=asked)
    pool = Pool(rows, changed, OPTIONS)
    [place] = pool.files
    assert pool.inputs[place].tolist() == (b"file", 1.5)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (np.float32("nan"), b"NaN"),
        (np.float32("-inf"), b"-Infinity"),
        (np.float32(1.5), b"1.5"),
        (np.array([0, 255], np.uint8), b"[0,255]"),
        (b"\xff", b'{"b64":"/w=="}'),
    ],
)
def test_an_input_is_json_as_servers_read_it_missing_numbers_too(value: Any, written: bytes):
    assert fragment(value) == written
    # In a row likewise, where bytes that are text are text.
    if not isinstance(value, bytes | np.ndarray):
        row = np.array([(value,)], [("x", np.float32)])[0]
        assert fragment(row) == b'{"x":%b}' % written
