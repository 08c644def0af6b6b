"""A small real candidate with the signature `examples`, and the artifacts around it."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from tfx import types
from tfx.components.util import model_utils
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import proto_utils

from components.evaluator.executor import Executor
from documents.features import Features
from models.declaration import Declaration, Label
from models.description import describe
from pipeline.beam import beam_pipeline_args
from pipeline.evaluation import eval_config
from pipeline.sections.evaluation import EvaluationSettings
from serving.base_path.content import content_digest
from tests.fashion_mnist import DECLARATION

Answer = Callable[[tf.Tensor], dict[str, tf.Tensor]]
EXAMPLES = 40
RIGHT = 30
"""Of the examples, whose feature `answer` is their label."""
RUNNER = "--runner=apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner"


def right(answer: tf.Tensor) -> dict[str, tf.Tensor]:
    """Three classes: 0.8 for what the example says, 0.1 for each other."""
    probabilities = 0.1 + 0.7 * tf.one_hot(answer, 3)
    return {"probabilities": probabilities, "label": tf.strings.as_string(answer)}


def seldom(answer: tf.Tensor) -> dict[str, tf.Tensor]:
    """Always the first class."""
    return right(tf.zeros_like(answer))


def nan(answer: tf.Tensor) -> dict[str, tf.Tensor]:
    found = right(answer)
    return {**found, "probabilities": found["probabilities"] * float("nan")}


def percent(answer: tf.Tensor) -> dict[str, tf.Tensor]:
    """Two classes: so many hundredths for the second."""
    second = tf.cast(answer, tf.float32) / 100
    return {
        "probabilities": tf.stack([1 - second, second], axis=1),
        "label": tf.strings.as_string(answer),
    }


def failing(answer: tf.Tensor) -> dict[str, tf.Tensor]:
    with tf.control_dependencies(
        [tf.debugging.assert_less(answer, tf.constant(0, tf.int64), "no answer")]
    ):
        return right(answer)


def narrow(answer: tf.Tensor) -> dict[str, tf.Tensor]:
    found = right(answer)
    return {**found, "probabilities": found["probabilities"][:, :1]}


def unnamed(answer: tf.Tensor) -> dict[str, tf.Tensor]:
    found = right(answer)
    return {"scores": found["probabilities"], "label": found["label"]}


def save_model(folder: Path, answer: Answer, signature: str = "examples") -> None:
    """Writes it once; TensorFlow takes a third of a second to trace and save the smallest one."""
    shutil.copytree(_saved(answer, signature).name, folder)


@functools.cache
def _saved(answer: Answer, signature: str) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")], autograph=False)
    def examples(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {"answer": tf.io.FixedLenFeature([], tf.int64)}
        return answer(tf.io.parse_example(examples, spec)["answer"])

    tf.saved_model.save(module, folder.name, signatures={signature: examples})
    return folder


def write_examples(folder: Path) -> None:
    folder.mkdir(parents=True)
    rows = []
    for number in range(EXAMPLES):
        label = number % 3
        rows.append({"label": label, "answer": label if number < RIGHT else (label + 1) % 3})
    write_values(folder, rows)


def write_values(folder: Path, rows: Iterable[Mapping[str, int]]) -> None:
    """Replaces the examples of a split."""
    with tf.io.TFRecordWriter(str(folder / "data_tfrecord-00000-of-00001")) as writer:
        for values in rows:
            features = {
                name: tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
                for name, value in values.items()
            }
            example = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(example.SerializeToString())


@dataclasses.dataclass
class Evaluated:
    """What one execution left."""

    blessing: types.Artifact
    evaluation: types.Artifact

    @property
    def verdict(self) -> dict[str, Any]:
        text = Path(self.blessing.uri, "verdict.json").read_text()
        return json.loads(text, parse_constant=lambda name: name)

    @property
    def blessed(self) -> bool:
        blessed = model_utils.is_model_blessed(self.blessing)
        assert blessed == self.verdict["blessed"]
        assert Path(self.blessing.uri, "BLESSED").exists() == blessed
        assert Path(self.blessing.uri, "NOT_BLESSED").exists() == (not blessed)
        return blessed

    @property
    def reason(self) -> str:
        assert self.verdict["reason"] == (
            self.blessing.get_string_custom_property("reason") or None
        )
        return self.verdict["reason"]


class Bench:
    """An Evaluator with its inputs in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.examples = standard_artifacts.Examples()
        self.examples.uri = str(folder / "examples")
        self.examples.split_names = artifact_utils.encode_split_names(["eval"])
        self.model, self.baseline = standard_artifacts.Model(), standard_artifacts.Model()
        self.model.uri = str(folder / "model")
        self.baseline.uri = str(folder / "baseline")
        Path(self.baseline.uri).mkdir()
        self.split = folder / "examples" / "Split-eval"
        write_examples(self.split)

    def candidate(self, answer: Answer, **more: Any) -> None:
        save_model(Path(self.model.uri, "Format-Serving"), answer, **more)

    def live(self, answer: Answer, **more: Any) -> None:
        folder = Path(self.baseline.uri, "Format-Serving")
        save_model(folder, answer, **more)
        self.baseline.set_int_custom_property("version", 7)
        self.baseline.set_string_custom_property("digest", content_digest(folder))

    def describe(self, label: Label) -> None:
        """Has the candidate say what it answers, as one of ours does."""
        for folder in (self.model.uri, f"{self.model.uri}/Format-Serving/assets.extra"):
            _describe(Path(folder), label)

    def describe_live(self, label: Label) -> None:
        """Likewise the live version."""
        folder = Path(self.baseline.uri, "Format-Serving")
        _describe(folder / "assets.extra", label)
        self.baseline.set_string_custom_property("digest", content_digest(folder))

    def evaluate(
        self, *metrics: dict[str, Any], label: Label = DECLARATION.label, **limits: int
    ) -> Evaluated:
        outputs = {}
        for key, kind in (
            ("evaluation", standard_artifacts.ModelEvaluation),
            ("blessing", standard_artifacts.ModelBlessing),
        ):
            outputs[key] = kind()
            outputs[key].uri = str(self.folder / key)
            Path(outputs[key].uri).mkdir()
        settings = EvaluationSettings.model_validate({"metrics": list(metrics)})
        executor = Executor(Executor.Context(beam_pipeline_args=[*beam_pipeline_args([RUNNER])]))
        executor.Do(
            {
                "examples": [self.examples],
                "model": [self.model],
                "baseline_model": [self.baseline],
            },
            {key: [artifact] for key, artifact in outputs.items()},
            {
                "eval_config": proto_utils.proto_to_json(eval_config(settings, label)),
                "example_splits": '["eval"]',
                "fairness_indicator_thresholds": "null",
                **limits,
            },
        )
        return Evaluated(outputs["blessing"], outputs["evaluation"])


def _describe(folder: Path, label: Label) -> None:
    declaration = Declaration.model_construct(features={}, label=label)
    folder.mkdir(exist_ok=True)
    (folder / Features.FILE).write_bytes(describe(declaration).encode())
