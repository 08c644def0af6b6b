"""Who is compared: the command of each contender, and how right the model is that it leaves."""

from __future__ import annotations

import abc
import json
import math
import os
import sys
from pathlib import Path

import numpy as np

from benchmarks.usage import Usage, run
from benchmarks.work import Work
from documents.reader import read
from documents.serving_report import ServingReport
from documents.workspace import Workspace
from pipeline.settings import REPOSITORY
from serving.base_path.versions import Version, live_version, provenance_of
from serving.clients.rest_client import RestClient
from serving.launch import launch

_BATCH = 500


class WorkError(RuntimeError):
    """A contender did other work than the one it is compared on."""


class Contender(abc.ABC):
    """One way from the data to a model; runs as a fresh process in a folder of its own."""

    key: str
    title: str

    def __init__(self, work: Work, scratch: Path):
        """Will leave everything in a folder below `scratch`."""
        self.work = work
        # A cached run finds what the run before it left, hence one folder for both.
        self.folder = scratch / self.key[0]
        self.output = self.folder / f"{self.key}.out"

    @abc.abstractmethod
    def command(self) -> list[str]:
        """Arguments of Python."""

    def check_seconds(self) -> float:
        """CPU seconds of its serving check."""
        return 0.0

    @abc.abstractmethod
    def accuracy(self) -> float:
        """Accuracy, on the official test images, of the model that the last run left; not measured.

        Raises:
          WorkError: there is no model, or it was not made by the same work.
        """

    def measure(self) -> Usage:
        """Runs it. Raises CommandError when it fails."""
        self.folder.mkdir(exist_ok=True)
        return _python(self.command(), self.output)

    def _check_steps(self, steps: int) -> None:
        if steps != self.work.steps:
            raise WorkError(
                f"{self.title} trained for {steps} steps, not {self.work.steps}: bring its recipe "
                "in line with models/training/loop.py."
            )


class Prototype(Contender):
    """benchmarks/prototype.py."""

    key = "a"
    title = "(a) plain script"

    def command(self) -> list[str]:
        settings = self.work.settings
        options = {
            "data": self.work.data,
            "module": self.work.module,
            "output": self.folder / "model",
            "trainable": int(bool(settings.hub and settings.hub.trainable)),
            "eval_examples": settings.data.eval_examples,
            **self.work.recipe,
            "augment": int(settings.training.augment),
        }
        return [
            "benchmarks/prototype.py",
            *(f"--{name.replace('_', '-')}={value}" for name, value in options.items()),
        ]

    def accuracy(self) -> float:
        result = json.loads(self.output.read_text())
        self._check_steps(result["steps"])
        accuracy: float = result["accuracy"]
        return accuracy


class StockTfx(Contender):
    """benchmarks/stock_tfx, on examples that are written before it is measured."""

    key = "b"
    title = "(b) stock TFX wiring"

    def __init__(self, work: Work, scratch: Path):
        super().__init__(work, scratch)
        self.examples = scratch / "image_floats"

    def measure(self) -> Usage:
        if not self.examples.exists():
            writing = [
                *("-m", "benchmarks.stock_tfx.image_floats", "write"),
                *(f"--data={self.work.data}", f"--output={self.examples}"),
                f"--eval-examples={self.work.settings.data.eval_examples}",
            ]
            _python(writing, self.examples.with_suffix(".out"))
        return super().measure()

    def command(self) -> list[str]:
        settings = self.work.settings
        config = {
            "module": str(self.work.module),
            "trainable": bool(settings.hub and settings.hub.trainable),
            "training": self.work.recipe,
        }
        eval_steps = math.ceil(settings.data.eval_examples / settings.training.batch_size)
        return [
            *("-m", "benchmarks.stock_tfx"),
            *(f"--data={self.examples}", f"--root={self.folder}"),
            *(f"--steps={self.work.steps}", f"--eval-steps={eval_steps}"),
            f"--config={json.dumps(config)}",
            f"--beam-args={json.dumps(settings.beam.arguments)}",
        ]

    def accuracy(self) -> float:
        output = self.folder / "accuracy.out"
        asking = [
            *("-m", "benchmarks.stock_tfx.image_floats", "accuracy"),
            f"--model={_live(self, self.folder / 'serving').path}",
            f"--split={self.examples / 'test'}",
        ]
        _python(asking, output)
        accuracy: float = json.loads(output.read_text())
        return accuracy


class Pipeline(Contender):
    """local_runner.py, from nothing."""

    key = "c"
    title = "(c) this pipeline"

    def command(self) -> list[str]:
        return [
            "local_runner.py",
            *(f"--config={self.work.config}", f"--root={self.folder}", "--json"),
            # What a container uses is not counted.
            "--set=serving_check.backend=embedded",
            *(f"--set={override}" for override in self.work.overrides),
        ]

    def accuracy(self) -> float:
        """Asks the pushed model, served."""
        name = self.work.settings.name
        base_path = Workspace(self.folder).base_path(name)
        live = _live(self, base_path)
        provenance = provenance_of(live.path)
        if provenance is None or provenance.training is None:
            raise WorkError(f"{live.path} does not say how it was trained.")
        self._check_steps(provenance.training["steps"])
        images, labels = self.work.test_set()
        with launch(base_path, name, backend="embedded") as server:
            server.wait_available(live.number)
            client = RestClient(server.rest_url, name)
            answers: list[list[float]] = []
            for start in range(0, len(images), _BATCH):
                answers += client.predict(images[start : start + _BATCH])
        return float(np.mean(np.argmax(answers, axis=1) == labels))

    def check_seconds(self) -> float:
        [path] = self.folder.glob(f"artifacts/ServingCheck/report/*/{ServingReport.FILE}")
        report = read(ServingReport, str(path))
        if report is None or report.cost is None:
            raise WorkError(f"{path} does not say what the check took.")
        return report.cost.cpu_seconds + report.cost.server_cpu_seconds


class CachedPipeline(Pipeline):
    """local_runner.py again, where Pipeline has run: everything is a cache hit."""

    key = "cached"
    title = "(c) again, cached"

    def check_seconds(self) -> float:
        return 0.0

    def accuracy(self) -> float:
        """What the run says of the model that stayed live."""
        summary = json.loads(self.output.read_text())
        ran = [node["node"] for node in summary["nodes"] if node["state"] != "cached"]
        if ran:
            raise WorkError(f"{self.title} ran {', '.join(ran)}: nothing had changed before it.")
        accuracy: float = summary["test_accuracy"]
        return accuracy


CONTENDERS: tuple[type[Contender], ...] = (Prototype, StockTfx, Pipeline, CachedPipeline)


def _live(contender: Contender, base_path: Path) -> Version:
    live = live_version(base_path)
    if live is None:
        raise WorkError(f"{contender.title} pushed nothing: loosen its thresholds.")
    return live


def _python(arguments: list[str], output: Path) -> Usage:
    return run([sys.executable, *arguments], cwd=REPOSITORY, output=output, env=_environment())


def _environment() -> dict[str, str]:
    """This process's, less what would measure the shell's settings rather than the contenders."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    # What is compared are CPU seconds, and all compute with oneDNN as the runner does.
    inherited.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    return {**inherited, "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1"}
