"""The reference beside the model."""

import gzip

import numpy as np
import pytest
import tensorflow as tf

from components.serving_check.reference import (
    MissingReferenceError,
    read_examples,
    read_reference,
)
from tests.components.serving_check.bench import EXAMPLES, IMAGES, Bench, trained_answers


def test_examples_and_answers_are_read_in_order(tmp_path):
    bench = Bench(tmp_path)
    bench.write_reference()
    reference = read_reference(str(bench.path("model")))
    assert len(reference.examples) == EXAMPLES
    assert IMAGES[7].tobytes() in reference.examples[7]
    np.testing.assert_array_equal(reference.probabilities, trained_answers(IMAGES))


@pytest.mark.parametrize("name", ["examples.tfrecord", "probabilities.npy"])
def test_a_missing_file_is_named(tmp_path, name):
    bench = Bench(tmp_path)
    bench.write_reference()
    bench.path("model", "reference", name).unlink()
    with pytest.raises(MissingReferenceError, match=name):
        read_reference(str(bench.path("model")))


def test_answers_that_do_not_fit_the_examples_are_refused(tmp_path):
    bench = Bench(tmp_path)
    bench.write_reference()
    np.save(bench.path("model", "reference", "probabilities.npy"), np.zeros((3, 10), np.float32))
    with pytest.raises(MissingReferenceError, match=r"\[3, 10\].*256 examples"):
        read_reference(str(bench.path("model")))


def test_files_named_gz_are_decompressed(tmp_path):
    plain = tmp_path / "data"
    with tf.io.TFRecordWriter(str(plain)) as writer:
        writer.write(b"one")
    packed = tmp_path / "data.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read_examples([str(plain), str(packed)])) == [b"one", b"one"]
    assert list(read_examples([])) == []
