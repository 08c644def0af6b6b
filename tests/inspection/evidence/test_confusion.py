"""Confusion matrices as TFMA leaves them."""

from __future__ import annotations

import pytest
import tensorflow as tf
from tensorflow_model_analysis.proto import metrics_for_slice_pb2

from inspection.evidence.confusion import read_confusion
from inspection.files.workspace import Workspace
from tests.inspection.recorded_runs import RECORDED
from tests.there import there


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "Evaluator" / "evaluation" / "9"
    found.mkdir(parents=True)
    return found


def record(counts, *, slice_value=None, model="", threshold=0.0):
    plots = metrics_for_slice_pb2.PlotsForSlice()
    if slice_value is not None:
        plots.slice_key.single_slice_keys.add(column="label", int64_value=slice_value)
    entry = plots.plot_keys_and_values.add()
    entry.key.model_name = model
    matrix = entry.value.multi_class_confusion_matrix_at_thresholds.matrices.add()
    matrix.threshold = threshold
    for (actual, predicted), count in counts.items():
        matrix.entries.add(
            actual_class_id=actual, predicted_class_id=predicted, num_weighted_examples=count
        )
    return plots


def write(folder, *records):
    with tf.io.TFRecordWriter(str(folder / "plots-00000-of-00001.tfrecord")) as writer:
        for each in records:
            writer.write(each.SerializeToString())


def test_the_candidates_matrix_over_all_examples_is_read(tmp_path, folder):
    counts = {(0, 0): 8.0, (0, 1): 2.0, (1, 1): 5.0}
    write(
        folder,
        record({(7, 7): 1.0}, slice_value=7),
        record({(9, 9): 1.0}, model="baseline"),
        record(counts, model="candidate"),
    )
    found = there(read_confusion(Workspace(tmp_path), str(folder)))
    assert found.counts == counts
    assert found.classes == (0, 1)
    assert found.share(0, 1) == pytest.approx(0.2)
    assert found.share(1, 0) == 0


def test_an_example_without_a_predicted_class_is_no_class(tmp_path, folder):
    write(folder, record({(0, -1): 1.0, (0, 0): 3.0}))
    assert there(read_confusion(Workspace(tmp_path), str(folder))).classes == (0,)


def test_an_evaluation_without_a_matrix_has_none(tmp_path, folder):
    assert read_confusion(Workspace(tmp_path), str(folder)) is None
    write(folder)
    assert read_confusion(Workspace(tmp_path), str(folder)) is None


def test_a_truncated_file_is_passed_over(tmp_path, folder):
    write(folder, record({(0, 0): 1.0}))
    path = folder / "plots-00000-of-00001.tfrecord"
    path.write_bytes(path.read_bytes()[:-9])
    assert read_confusion(Workspace(tmp_path), str(folder)) is None


def test_a_store_from_before_there_were_matrices_has_none():
    uri = "/recorded/workspace/artifacts/Evaluator/evaluation/9"
    assert read_confusion(Workspace(RECORDED), uri) is None
