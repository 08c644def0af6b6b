"""A small real candidate with the three signatures, and the artifacts around it."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tfx.types import Artifact, standard_artifacts

from components.serving_check.component import ServingReport
from components.serving_check.executor import Executor
from documents.questions import Question, Questions
from models.features.image.edges import edge_images
from tests.fashion_mnist import CHECK_OPTIONS

EXAMPLES = 256
TEST_EXAMPLES = 40
WRONG_LABELS = 10
"""How many test examples carry a label that is not the model's answer."""

_random = np.random.default_rng(0)
_HOME = tempfile.gettempdir()
"""Tests may look after what is left in a folder of their own."""
WEIGHTS = _random.normal(size=(784, 10)).astype(np.float32) / 10
IMAGES = _random.integers(0, 256, (EXAMPLES, 28, 28), dtype=np.uint8)


def trained_answers(images: np.ndarray) -> np.ndarray:
    """What the network answers in NumPy: the reference that is independent of TensorFlow."""
    logits = (images.reshape(-1, 784) / np.float32(255)) @ WEIGHTS
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


def serialized_example(image: np.ndarray, label: int) -> bytes:
    features = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.tobytes()])),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def save_model(
    folder: Path,
    *,
    weights: np.ndarray = WEIGHTS,
    without: str | None = None,
    before_answer: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
) -> None:
    """Writes a SavedModel of one dense layer, which is traced once.

    Args:
      without: a signature to leave out.
      before_answer: applied to the probabilities of serving_default.
    """
    made = _saved(weights.tobytes(), without, before_answer)
    shutil.copytree(made.name, folder, dirs_exist_ok=True)


@functools.cache
def _saved(
    weights: bytes, without: str | None, before_answer: Callable[[tf.Tensor], tf.Tensor]
) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(dir=_HOME)
    module = tf.Module()
    module.weights = tf.Variable(np.frombuffer(weights, np.float32).reshape(WEIGHTS.shape))

    def probabilities(pixels: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(tf.cast(pixels, tf.float32) / 255.0, [tf.shape(pixels)[0], 784])
        return tf.nn.softmax(flat @ module.weights)

    def with_label(answer: tf.Tensor) -> dict[str, tf.Tensor]:
        label = tf.strings.as_string(tf.argmax(answer, axis=1))
        return {"label": label, "score": tf.reduce_max(answer, axis=1), "probabilities": answer}

    @tf.function(
        input_signature=[tf.TensorSpec([None, 28, 28], tf.uint8, "images")], autograph=False
    )
    def serving_default(images: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": before_answer(probabilities(images))}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")], autograph=False)
    def image_bytes(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        images = tf.map_fn(
            lambda file: tf.reshape(tf.io.decode_png(file, channels=1), [28, 28]),
            image_bytes,
            fn_output_signature=tf.TensorSpec([28, 28], tf.uint8),
        )
        answer = probabilities(images)
        best = tf.math.top_k(answer, 3)
        return {
            **with_label(answer),
            "top_labels": tf.strings.as_string(best.indices),
            "top_scores": best.values,
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")], autograph=False)
    def examples(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {"image": tf.io.FixedLenFeature([], tf.string)}
        raw = tf.io.parse_example(examples, spec)["image"]
        return with_label(probabilities(tf.io.decode_raw(raw, tf.uint8)))

    signatures = {
        "serving_default": serving_default,
        "image_bytes": image_bytes,
        "examples": examples,
    }
    if without:
        del signatures[without]
    tf.saved_model.save(module, folder.name, signatures=signatures)
    return folder


@dataclasses.dataclass
class Bench:
    """The artifacts of one check, all under one folder."""

    folder: Path
    held_out: int = 0
    """Examples of the split eval, as ExampleGen counts them; 0 where nobody did."""

    @property
    def saved_model(self) -> Path:
        return self.folder / "model" / "Format-Serving"

    def path(self, artifact: str, *parts: str) -> Path:
        return self.folder.joinpath(artifact, *parts)

    def write_reference(self) -> None:
        reference = self.path("model", "reference")
        reference.mkdir(parents=True)
        with tf.io.TFRecordWriter(str(reference / "examples.tfrecord")) as writer:
            for image in IMAGES:
                writer.write(serialized_example(image, 0))
        np.save(reference / "probabilities.npy", trained_answers(IMAGES))
        (reference / Questions.FILE).write_bytes(_questions().encode())

    def write_test_split(self) -> None:
        split = self.path("examples", "Split-test")
        split.mkdir(parents=True)
        images = IMAGES[:TEST_EXAMPLES]
        right = trained_answers(images).argmax(axis=1)
        labels = np.where(np.arange(TEST_EXAMPLES) < WRONG_LABELS, (right + 1) % 10, right)
        with tf.io.TFRecordWriter(str(split / "data-00000-of-00001")) as writer:
            for image, label in zip(images, labels.tolist(), strict=True):
                writer.write(serialized_example(image, label))

    def check(self, splits: tuple[str, ...] = ("train", "test"), **options: Any) -> Checked:
        """Runs the executor as TFX does, with few requests."""
        return self.check_whole(splits, **{**QUICK, **options})

    def check_whole(self, splits: tuple[str, ...] = ("train", "test"), **options: Any) -> Checked:
        """The same with as many requests as in a real run."""
        model, examples = standard_artifacts.Model(), standard_artifacts.Examples()
        blessing, report = standard_artifacts.InfraBlessing(), ServingReport()
        baseline = standard_artifacts.Model()
        inputs: dict[str, list[Artifact]] = {
            "model": [model],
            "examples": [examples],
            # Empty unless a test puts a live version there.
            "baseline": [baseline],
        }
        outputs: dict[str, list[Artifact]] = {"blessing": [blessing], "report": [report]}
        for key, [artifact] in {**inputs, **outputs}.items():
            artifact.uri = str(self.path(key))
        examples.split_names = json.dumps(splits)
        if self.held_out:
            examples.set_int_custom_property("examples_eval", self.held_out)
        Executor().Do(
            inputs,
            outputs,
            {
                "model_name": "small",
                "options": json.dumps({**EXPECTED, **options}),
                "code_hash": "",
            },
        )
        return Checked(self.folder, blessing, report)


EXPECTED = CHECK_OPTIONS.model_dump(
    mode="json", include={"signatures", "image_feature", "image_shape", "label_feature"}
)
"""What the executor makes of the features of a model that was trained."""
QUICK = {
    "backend": "embedded",
    "latency_requests": 20,
    "growth_requests": 200,
    "comparison_requests": 50,
    # Ten requests of a tiny model on a busy machine say nothing about its speed.
    "p99_ratio": 100,
    "throughput_ratio": 0.01,
    "growth_percent": 50,
}


@dataclasses.dataclass
class Checked:
    """What a check left behind."""

    folder: Path
    blessing: standard_artifacts.InfraBlessing
    report: ServingReport

    @property
    def blessed(self) -> int:
        return self.blessing.get_int_custom_property("blessed")

    @property
    def reason(self) -> str:
        return self.blessing.get_string_custom_property("reason")

    @property
    def verdict(self) -> dict[str, Any]:
        return json.loads((self.folder / "blessing" / "verdict.json").read_text())

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self.verdict["checks"]}


def _questions() -> Questions:
    edges = list(edge_images(IMAGES[0]))
    answers = trained_answers(np.stack([image for _, image in edges])).tolist()
    return Questions(
        labels=tuple(map(str, range(10))),
        examples=tuple(
            Question.of(name, serialized_example(image, 0), tuple(answer))
            for (name, image), answer in zip(edges, answers, strict=True)
        ),
        files=(
            Question.of(
                "PNG, grey", _png(IMAGES[0]), tuple(trained_answers(IMAGES[:1])[0].tolist())
            ),
            Question.of("a text", b"not an image", None),
        ),
    )


def _png(image: np.ndarray) -> bytes:
    return bytes(tf.io.encode_png(image[..., None]).numpy())


def make_bench(folder: Path) -> Bench:
    """A bench with reference and test split; the model is the test's own."""
    bench = Bench(folder)
    bench.write_reference()
    bench.write_test_split()
    return bench
