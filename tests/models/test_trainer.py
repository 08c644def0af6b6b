from __future__ import annotations

import dataclasses
import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs

from documents.features import Features
from documents.mistakes import Mistakes
from documents.reader import parse
from models.description import declared
from models.hub.module import Module
from models.trainer import run_fn
from models.training.options import OptionsError
from serving.base_path.content import content_digest
from tests import fashion_mnist as features
from tests.e2e import warm
from tests.models.heard import heard
from tests.there import there

Shards = dict[str, list[str]]
REPOSITORY = Path(__file__).resolve().parents[2]
RUN = """
import json, sys
from tfx.components.trainer.fn_args_utils import FnArgs
from models.trainer import run_fn
from serving.base_path.content import content_digest
fn_args = FnArgs()
vars(fn_args).update(json.loads(sys.argv[1]))
run_fn(fn_args)
"""


Arguments = Callable[[Path], dict[str, Any]]


@pytest.fixture(scope="module")
def arguments_of(module: Module, shards: Shards, transform_graph: str) -> Arguments:
    """Gives those of a Trainer node whose artifacts are in a folder."""
    return lambda folder: {
        "train_files": shards["train"],
        "eval_files": shards["eval"],
        "transform_output": transform_graph,
        "serving_model_dir": str(folder / "model" / "Format-Serving"),
        "model_run_dir": str(folder / "model_run"),
        "custom_config": {
            "declaration": features.DECLARATION.model_dump_json(),
            "training": {"epochs": 4, "batch_size": 20, "augment": False},
            "hub": {
                "handle": module.handle,
                "sha256": None,
                "trainable": True,
                "max_megabytes": 1,
            },
            "checkpoints": str(folder / "checkpoints"),
            "code_hash": "code",
        },
    }


@pytest.fixture
def arguments(arguments_of: Arguments, tmp_path: Path) -> dict[str, Any]:
    return arguments_of(tmp_path)


def fn_args(arguments: dict[str, Any]) -> FnArgs:
    made = FnArgs()
    vars(made).update(arguments)
    return made


def _started(script: str, arguments: dict[str, Any], folder: Path) -> warm.WarmProcess:
    """A process that has imported what a run imports, and has computed nothing."""
    (folder / "train.py").write_text(script)
    return warm.start(
        [folder / "train.py", json.dumps(arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )


@dataclasses.dataclass(frozen=True)
class Resumed:
    """A training of ten epochs that was killed, and done by the next run."""

    folder: Path
    """Of its artifacts."""
    arguments: dict[str, Any]
    left: Sequence[str]
    """What the killed one had left there."""
    messages: Sequence[str]
    """What the next one said."""


@pytest.fixture(scope="module")
def resumed(arguments_of: Arguments, tmp_path_factory: pytest.TempPathFactory) -> Resumed:
    folder = tmp_path_factory.mktemp("resumed")
    arguments = arguments_of(folder)
    arguments["custom_config"]["training"].update(epochs=10, checkpoint_steps=10)
    process = _started(RUN, arguments, folder)
    checkpoints = folder / "checkpoints"
    deadline = time.monotonic() + 280
    while not list(checkpoints.glob("*/checkpoint")):
        assert time.monotonic() < deadline, "it ended by itself, or hangs"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    left = os.listdir(folder)
    with heard("progress") as messages:
        run_fn(fn_args(arguments))
    return Resumed(folder, arguments, left, messages)


@pytest.mark.slow
@pytest.mark.extended
def test_a_killed_run_goes_on_at_its_checkpoint(resumed: Resumed) -> None:
    assert "model" not in resumed.left
    (said,) = [text for text in resumed.messages if text.startswith("resuming after step")]
    assert said.endswith(" of 150")
    assert json.loads((resumed.folder / "model" / "training.json").read_text())["steps"] == 150
    assert not list((resumed.folder / "checkpoints").iterdir())


@pytest.mark.slow
@pytest.mark.extended
def test_writes_the_folder_of_the_model(resumed: Resumed) -> None:
    tmp_path, arguments = resumed.folder, resumed.arguments
    model = tmp_path / "model"
    record = json.loads((model / "training.json").read_text())
    assert set(record) == {
        *("format", "hub", "modules", "training", "steps", "examples_seen", "seconds"),
        *("final_loss", "eval_accuracy", "labels"),
    }
    assert record["hub"]["handle"] == arguments["custom_config"]["hub"]["handle"]
    assert len(record["hub"]["sha256"]) == 64
    assert record["hub"]["trainable"] is True
    assert record["training"]["learning_rate"] == 1e-2
    assert (record["steps"], record["examples_seen"]) == (150, 3000)
    assert record["eval_accuracy"] > 0.9
    assert record["labels"] == list(features.LABELS)

    mistakes = parse(Mistakes, (model / Mistakes.FILE).read_bytes())
    assert (mistakes.split, mistakes.examples) == ("all", 60)
    assert mistakes.wrong == round(60 * (1 - record["eval_accuracy"]))

    document = parse(Features, (model / Features.FILE).read_bytes())
    assert declared(document) == features.DECLARATION
    assert [feature.name for feature in document.features] == ["image"]
    assert there(document.example).signature_name == "image_bytes"
    inside = model / "Format-Serving" / "assets.extra" / Features.FILE
    assert inside.read_bytes() == (model / Features.FILE).read_bytes()

    examples = [
        bytes(example)
        for example in tf.data.TFRecordDataset(
            str(model / "reference" / "examples.tfrecord")
        ).as_numpy_iterator()
    ]
    reference = np.load(model / "reference" / "probabilities.npy")
    assert len(examples) == len(reference) == 60
    served = tf.saved_model.load(str(model / "Format-Serving")).signatures["examples"]
    found = served(examples=tf.constant(examples))["probabilities"]
    np.testing.assert_allclose(found, reference, rtol=1e-4, atol=1e-6)

    assert list((tmp_path / "model_run").glob("events.out.tfevents.*"))
    assert not list((tmp_path / "checkpoints").iterdir())


@pytest.mark.medium
def test_refuses_bad_options_before_anything_is_loaded(
    arguments: dict[str, Any], tmp_path: Path
) -> None:
    arguments["custom_config"]["training"]["epochs"] = 0
    with pytest.raises(OptionsError, match=r"training\.epochs"):
        run_fn(fn_args(arguments))
    assert not (tmp_path / "model").exists()


@pytest.mark.slow
@pytest.mark.extended
def test_training_again_with_the_same_inputs_gives_the_same_bytes(
    arguments: dict[str, Any], tmp_path: Path
) -> None:
    """A second push of the same model would be one too many."""
    earlier = """
import tensorflow as tf
for _ in range(997):  # as other nodes do in the same process, when they are not cached
    tf.function(lambda x: x + 1, autograph=False).get_concrete_function(tf.constant(1.0))
"""
    arguments["custom_config"]["training"]["epochs"] = 1
    digests = set()
    for name, script in (("first", RUN), ("again", earlier + RUN)):
        folder = tmp_path / name / "Format-Serving"
        given = {**arguments, "serving_model_dir": str(folder)}
        process = _started(script, given, tmp_path)
        out, err = process.communicate()
        assert process.wait() == 0, out + err
        digests.add(content_digest(folder))
    assert len(digests) == 1
