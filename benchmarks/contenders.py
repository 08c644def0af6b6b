"""Who is compared: the command of each contender, and how right the model is that it leaves."""

from __future__ import annotations

import abc
import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.usage import Usage, run
from benchmarks.work import Work
from pipeline.settings import REPOSITORY
from pipeline.workspace import Workspace
from serving.client import RestClient
from serving.launch import launch
from serving.versions import live_version, read_provenance

_BATCH = 500


class WorkError(RuntimeError):
    """A contender did other work than the one it is compared on."""


class Contender(abc.ABC):
    """One way from the data to a model; runs as a fresh process in a folder of its own."""

    key: str
    title: str

    def __init__(self, work: Work):
        self.work = work

    @abc.abstractmethod
    def command(self, folder: Path) -> list[str]:
        """Arguments of Python; everything is left below `folder`."""

    @abc.abstractmethod
    def accuracy(self, folder: Path) -> float:
        """Accuracy of the model on the official test images; not measured.

        Raises:
          WorkError: the model had another number of training steps.
        """

    def prepare(self, scratch: Path) -> None:
        """Called once, before anything is measured; nothing to do for most."""

    def measure(self, folder: Path) -> Usage:
        """Runs it. Raises CommandError when it fails."""
        folder.mkdir(exist_ok=True)
        return _python(self.command(folder), _output(folder))

    def check_steps(self, steps: int) -> None:
        if steps != self.work.steps:
            raise WorkError(
                f"{self.title} trained for {steps} steps, not {self.work.steps}: bring its recipe "
                "in line with models/training.py."
            )


class Prototype(Contender):
    """benchmarks/prototype.py."""

    key = "a"
    title = "(a) plain script"

    def command(self, folder: Path) -> list[str]:
        settings = self.work.settings
        options = {
            "data": self.work.data,
            "module": self.work.module,
            "output": folder / "model",
            "trainable": int(settings.hub.trainable),
            "eval_examples": settings.data.eval_examples,
            **self.work.recipe,
            "augment": int(settings.training.augment),
        }
        return [
            "benchmarks/prototype.py",
            *(f"--{name.replace('_', '-')}={value}" for name, value in options.items()),
        ]

    def accuracy(self, folder: Path) -> float:
        result = json.loads(_output(folder).read_text())
        self.check_steps(result["steps"])
        return result["accuracy"]


class StockTfx(Contender):
    """benchmarks/stock_tfx, on examples that are written beforehand."""

    key = "b"
    title = "(b) stock TFX wiring"

    def prepare(self, scratch: Path) -> None:
        self._examples = scratch / "image_floats"
        held_out = self.work.settings.data.eval_examples
        writing = [
            *("-m", "benchmarks.stock_tfx.image_floats", "write"),
            *(f"--data={self.work.data}", f"--output={self._examples}"),
            f"--eval-examples={held_out}",
        ]
        _python(writing, scratch / "image_floats.out")

    def command(self, folder: Path) -> list[str]:
        settings = self.work.settings
        config = {
            "module": str(self.work.module),
            "trainable": settings.hub.trainable,
            "training": self.work.recipe,
        }
        eval_steps = math.ceil(settings.data.eval_examples / settings.training.batch_size)
        return [
            *("-m", "benchmarks.stock_tfx"),
            *(f"--data={self._examples}", f"--root={folder}"),
            *(f"--steps={self.work.steps}", f"--eval-steps={eval_steps}"),
            f"--config={json.dumps(config)}",
            f"--beam-args={json.dumps(settings.beam.args)}",
        ]

    def accuracy(self, folder: Path) -> float:
        live = live_version(folder / "serving")
        if live is None:
            raise WorkError(f"{self.title} pushed nothing: see {_output(folder)}.")
        output = folder / "accuracy.out"
        asking = [
            *("-m", "benchmarks.stock_tfx.image_floats", "accuracy"),
            *(f"--model={live.path}", f"--split={self._examples / 'test'}"),
        ]
        _python(asking, output)
        return json.loads(output.read_text())


class Pipeline(Contender):
    """local_runner.py, from nothing."""

    key = "c"
    title = "(c) this pipeline"

    def command(self, folder: Path) -> list[str]:
        return [
            "local_runner.py",
            *(f"--config={self.work.config}", f"--root={folder}", "--json"),
            *(f"--set={override}" for override in self.work.overrides),
        ]

    def accuracy(self, folder: Path) -> float:
        name = self.work.settings.name
        base_path = Workspace(folder).base_path(name)
        live = live_version(base_path)
        if live is None:
            raise WorkError(f"{self.title} pushed nothing: see {_output(folder)}.")
        self.check_steps((read_provenance(live.path) or {})["training"]["steps"])
        images, labels = self.work.test_set()
        with launch(base_path, name) as server:
            server.wait_available(live.number)
            client = RestClient(server.rest_url, name)
            answers: list[list[float]] = []
            for start in range(0, len(images), _BATCH):
                answers += client.predict(images[start : start + _BATCH])
        return float(np.mean(np.argmax(answers, axis=1) == labels))


class CachedPipeline(Pipeline):
    """local_runner.py again, where Pipeline has run: everything is a cache hit."""

    key = "cached"
    title = "(c) again, cached"

    def accuracy(self, folder: Path) -> float:
        summary = json.loads(_output(folder).read_text())
        ran = [node["node"] for node in summary["nodes"] if node["state"] != "cached"]
        if ran:
            raise WorkError(f"{self.title} ran {', '.join(ran)}: what changed since the first run?")
        return summary["test_accuracy"]


CONTENDERS: tuple[type[Contender], ...] = (Prototype, StockTfx, Pipeline, CachedPipeline)


def _output(folder: Path) -> Path:
    return folder / "stdout.txt"


def _python(arguments: list[str], output: Path) -> Usage:
    return run([sys.executable, *arguments], cwd=REPOSITORY, output=output, env=_environment())


def _environment() -> Mapping[str, Any]:
    """This process's, less what would measure the shell's settings rather than the contenders."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    # What is compared are CPU seconds.
    return {**inherited, "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1"}
