"""The reference beside the model."""

import contextlib
import gzip
import pickle
import struct

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.serving_check.reference import (
    MissingReferenceError,
    read_examples,
    read_reference,
)
from documents.questions import Question, Questions
from tests.components.serving_check.bench import EXAMPLES, IMAGES, Bench, trained_answers
from tests.examples import examples

HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"


def npy(header: str) -> bytes:
    """A file of numpy's with any header, and no data."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header.encode() + b"\n"


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


def test_a_file_in_a_row_that_there_is_not_is_named(tmp_path):
    bench = Bench(tmp_path)
    bench.write_reference()
    questions = Questions(
        labels=tuple(map(str, range(10))),
        files=(Question.of("a text", b"x", None, feature="photo", example=256),),
    )
    bench.path("model", "reference", Questions.FILE).write_bytes(questions.encode())
    with pytest.raises(MissingReferenceError, match=r"names example 256 of 256 in .*train again"):
        read_reference(str(bench.path("model")))


def test_files_named_gz_are_decompressed(tmp_path):
    plain = tmp_path / "data"
    with tf.io.TFRecordWriter(str(plain)) as writer:
        writer.write(b"one")
    packed = tmp_path / "data.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read_examples([str(plain), str(packed)])) == [b"one", b"one"]
    assert list(read_examples([])) == []


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("examples.tfrecord", b"x" * 100),
        ("probabilities.npy", b""),
        ("probabilities.npy", b"0.9"),
        ("probabilities.npy", b"PK\x03\x04" + b"\0" * 100),
        ("probabilities.npy", pickle.dumps([1.0])),
        ("probabilities.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (256, 10)}")),
        ("probabilities.npy", npy("{'descr': '<i4', 'fortran_order': False, 'shape': (0, 10)}")),
        ("probabilities.npy", npy(HEADER.replace("(1,)", "(9999999999999,)"))),
        ("probabilities.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 10)}")),
        ("probabilities.npy", npy("[" * 5_000)),
        ("probabilities.npy", npy("\0")),
        ("probabilities.npy", npy("{'descr': {}, 'fortran_order': False, 'shape': (1,)}")),
    ],
)  # fmt: skip
def test_what_is_no_reference_is_one_sentence(tmp_path, name, content):
    bench = Bench(tmp_path)
    bench.write_reference()
    path = bench.path("model", "reference", name)
    path.write_bytes(content)
    with pytest.raises(MissingReferenceError) as error:
        read_reference(str(bench.path("model")))
    assert str(error.value).startswith(str(path))
    assert str(error.value).endswith("train again to write it.")
    assert "\n" not in str(error.value)


@pytest.mark.medium
@settings(max_examples=examples(0.8), suppress_health_check=list(HealthCheck))
@given(start=st.integers(0, 200), other=st.binary(max_size=20), lost=st.integers(0, 20))
def test_mangled_answers_are_read_or_refused(start, other, lost, tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("reference"))
    bench.write_reference()
    path = bench.path("model", "reference", "probabilities.npy")
    content = path.read_bytes()
    path.write_bytes(content[:start] + other + content[start + lost :])
    with contextlib.suppress(MissingReferenceError):
        assert read_reference(str(bench.path("model"))).probabilities.dtype.kind == "f"
