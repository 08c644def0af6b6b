"""The warm-up file."""

import numpy as np
import pytest
import tensorflow as tf

from components.serving_check.reference import Reference
from components.serving_check.warm_up_file import (
    BATCHES,
    read_warm_up_file,
    warm_up_records,
    write_warm_up_file,
)
from tests.components.serving_check.bench import IMAGES, serialized_example, trained_answers
from tests.fashion_mnist import CHECK_OPTIONS

OPTIONS = CHECK_OPTIONS
REFERENCE = Reference([serialized_example(image, 0) for image in IMAGES], trained_answers(IMAGES))


def test_what_is_written_reads_back(tmp_path):
    path = str(tmp_path / "warm_up")
    records = list(warm_up_records("m", ["serving_default", "examples"], REFERENCE, OPTIONS))
    assert {record.predict_log.request.model_spec.name for record in records} == {"m"}
    write_warm_up_file(path, records)
    found = list(read_warm_up_file(path))
    assert [signature for signature, _ in found] == ["serving_default"] * 2 + ["examples"] * 2
    assert [len(array) for _, array in found] == [*BATCHES, *BATCHES]
    np.testing.assert_array_equal(found[1][1], IMAGES[: BATCHES[1]])
    assert found[3][1].tolist() == REFERENCE.examples[: BATCHES[1]]


def test_a_record_that_is_no_request_is_refused(tmp_path):
    path = str(tmp_path / "warm_up")
    with tf.io.TFRecordWriter(path) as writer:
        writer.write(b"")
    with pytest.raises(ValueError, match=r"record 0 of .*warm_up is no predict request"):
        list(read_warm_up_file(path))
