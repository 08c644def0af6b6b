"""What TensorBoard shows of a training, read from what was written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.projector import ProjectorConfig

from documents.mistakes import Mistakes
from documents.reader import parse
from models.declaration import Declaration
from models.evaluation import Evaluation
from models.labels.heads import head_of
from models.mistakes import document, pictures, table, worst
from models.network import Network
from models.training.inputs import Examples
from models.training.loop import fit
from models.training.options import TensorboardOptions, TrainingOptions
from models.training.projector import CONFIG, write_vectors
from models.training.training_report import Report
from models.transform_graph import TransformGraph
from tests.fashion_mnist import DECLARATION
from tests.there import there

CLASSES = {"name": "y", "kind": "classes", "values": ["cat", "dog"]}
NUMBER = {"name": "y", "kind": "number"}
TAGS = {"name": "y", "kind": "tags", "values": ["a", "b", "c"], "separator": ";"}


def reported(folder, network, shards, transform, options) -> Report:
    examples = Examples(shards["train"], shards["eval"], transform.parse, transform.specs)
    return Report(str(folder), network, transform, DECLARATION, options, examples, shards["eval"])


def head(label):
    declared = Declaration.model_validate({"features": {"x": {"kind": "number"}}, "label": label})
    return head_of(declared.label)


@pytest.mark.parametrize(
    ("label", "predictions", "labels", "places", "first"),
    [
        (CLASSES, [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], [1, 1, 0], [0, 2], ("cat 0.90", "dog")),
        (NUMBER, [1.0, 2.0, 7.5], [1.0, 2.5, 2.5], [2, 1], ("7.5", "2.5")),
        (TAGS, [[0.9, 0.2, 0.6], [0.1, 0.1, 0.1]], [[1, 1, 0], [0, 0, 0]], [0], ("a;c", "a;b")),
    ],
    ids=["classes", "number", "tags"],
)
def test_the_worst_answers_come_first_and_right_ones_not_at_all(
    label, predictions, labels, places, first
):
    kind = np.int64 if label is CLASSES else np.float32
    evaluation = Evaluation(np.array(predictions, np.float32), np.array(labels, kind))

    found = worst(head(label), evaluation, 5)

    assert [mistake.place for mistake in found] == places
    assert (found[0].answer, found[0].label) == first
    assert len(worst(head(label), evaluation, 1)) == 1


def test_the_document_has_the_worst_and_some_of_each_class():
    random = np.random.default_rng(0)
    labels = np.array([1] * 300 + [0] * 12)
    sure = random.uniform(0.6, 0.9, len(labels)).astype(np.float32)
    sure[300:] = 0.55  # class 0 is never among the worst
    wrong = np.where(np.arange(len(labels)) % 2 == 0, labels, 1 - labels)  # every second is right
    predictions = np.stack([np.where(wrong == 0, sure, 1 - sure), np.where(wrong, sure, 1 - sure)])
    evaluation = Evaluation(predictions.T, labels)

    found = document(head(CLASSES), evaluation, "eval")

    assert (found.split, found.examples, found.wrong, found.kind) == ("eval", 312, 156, "classes")
    labels_of = [mistake.label for mistake in found.worst]
    assert labels_of.count("dog") == 60
    assert labels_of.count("cat") == 6
    wrongness = [there(mistake.wrongness) for mistake in found.worst]
    assert wrongness == sorted(wrongness, reverse=True)
    assert found.worst[0].label_score == pytest.approx(1 - wrongness[0], abs=1e-6)
    assert document(head(CLASSES), evaluation, "eval") == found
    assert parse(Mistakes, found.encode()) == found


def test_the_document_of_a_model_that_answers_no_numbers():
    evaluation = Evaluation(np.array([[np.nan, np.nan], [0.1, 0.9]], np.float32), np.array([0, 1]))

    found = document(head(CLASSES), evaluation, "eval")

    assert found.wrong == 1
    assert (found.worst[0].place, found.worst[0].wrongness, found.worst[0].label_score) == (
        *(0, None),
        None,
    )
    assert parse(Mistakes, found.encode()) == found


@pytest.mark.parametrize("label", [NUMBER, TAGS])
def test_the_document_is_small_whatever_is_learned(label):
    width = () if label is NUMBER else (3,)
    predictions = np.random.default_rng(0).uniform(0, 1, (5_000, *width)).astype(np.float32)
    labels = np.random.default_rng(1).integers(0, 2, (5_000, *width)).astype(np.float32)

    found = document(head(label), Evaluation(predictions, labels), "eval")

    assert len(found.worst) == 60
    assert len(found.encode()) < 20_000
    assert parse(Mistakes, found.encode()) == found


def test_a_table_has_a_row_for_each_and_no_cell_breaks_out():
    values = {"x": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5]))}
    values["t"] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"a|b\n<i>\x1b[2J"]))
    record = tf.train.Example(features=tf.train.Features(feature=values)).SerializeToString()
    evaluation = Evaluation(np.array([[0.9, 0.1]], np.float32), np.array([1]))

    lines = table(worst(head(CLASSES), evaluation, 1), {0: record}, ["x", "t", "missing"]).split(
        "\n"
    )

    assert len(lines) == 3
    assert lines[2].startswith("| 0 | cat 0.90 | dog | 0.5 | a\\|b")
    assert "\x1b" not in lines[2]


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 3), (300, 900, 3), (1, 1, 1)])
def test_pictures_are_of_one_size_that_people_can_see(shape):
    evaluation = Evaluation(np.array([[0.9, 0.1]] * 2, np.float32), np.array([1, 1]))
    mistakes = worst(head(CLASSES), evaluation, 2)

    drawn = pictures(mistakes, np.ones((2, *shape), np.float32))

    assert drawn.dtype == np.uint8
    assert drawn.shape[0] == 2
    assert 100 <= max(drawn.shape[1:3]) <= 500
    assert drawn[0, 0, 0].tolist() == [255, 255, 255]


def test_the_projector_finds_vectors_and_their_words(tmp_path):
    vectors = np.arange(8, dtype=np.float32).reshape(4, 2)

    write_vectors(str(tmp_path), {"words": (vectors, ["day=mon", "day=a\tb", "city="])})

    config = text_format.Parse((tmp_path / CONFIG).read_text(), ProjectorConfig())
    [entry] = config.embeddings
    rows = (tmp_path / entry.tensor_path).read_text().splitlines()
    names = (tmp_path / entry.metadata_path).read_text().splitlines()
    assert rows == ["0\t1", "2\t3", "4\t5"]
    assert names == ["word\tcolumn", "mon\tday", "a b\tday", "city\tcity"]


@pytest.mark.slow
@pytest.mark.extended
def test_pictures_histograms_and_a_profile_of_a_training(shards, transform_graph, tmp_path):
    transform = TransformGraph(transform_graph, DECLARATION)
    wanted = TensorboardOptions(mistakes=5, histograms=True, profile=True)
    options = TrainingOptions(epochs=1, batch_size=20, tensorboard=wanted)
    network = Network(DECLARATION, None, trainable=True, seed=0)
    report = reported(tmp_path, network, shards, transform, options)

    training = fit(network, shards["train"], transform.parse, options, report, around=report.around)
    report.finish(training.steps)

    shown = EventAccumulator(str(tmp_path), size_guidance={"tensors": 0})
    shown.Reload()
    tags = {*shown.Tags()["tensors"]}
    assert {"loss", "accuracy/train", "accuracy/eval", "confusion", "mistakes", "profile"} <= tags
    assert any("kernel" in tag for tag in tags)
    [event] = shown.Tensors("mistakes")
    _, _, *pngs = tf.make_ndarray(event.tensor_proto)
    assert len(pngs) == 5
    [profile] = shown.Tensors("profile")
    assert "Conv2D" in tf.make_ndarray(profile.tensor_proto).ravel()[0].decode()
    assert list(tmp_path.glob("plugins/profile/*/*.xplane.pb"))


@pytest.mark.medium
def test_by_itself_nothing_that_costs(shards, transform_graph, tmp_path):
    transform = TransformGraph(transform_graph, DECLARATION)
    options = TrainingOptions(epochs=1, batch_size=100)
    network = Network(DECLARATION, None, trainable=True, seed=0)
    report = reported(tmp_path, network, shards, transform, options)
    batches: Any = [1, 2]

    report.epoch_ended(3)
    report.finish(3)

    assert report.around(batches) is batches
    shown = EventAccumulator(str(tmp_path), size_guidance={"tensors": 0})
    shown.Reload()
    assert not any("kernel" in tag for tag in shown.Tags()["tensors"])
    assert not list(tmp_path.glob("plugins/*"))
