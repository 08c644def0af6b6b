"""A copy of the project and a ROOT of its own, so that a test may edit and break both."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.e2e import warm
from tests.e2e.warm import WarmProcess

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = (
    "components",
    "configs",
    "documents",
    "models",
    "pipeline",
    "serving",
    "local_runner.py",
    "setup.py",
)

FEW_REQUESTS = (
    "--set=serving_check.growth_requests=300",
    "--set=serving_check.growth_percent=50",
    "--set=serving_check.comparison_requests=20",
    "--set=serving_check.latency_requests=20",
)
"""Settings for tests that ask for a verdict of the serving check and not how fast a model is."""
LITTLE = (
    "--set=training.epochs=2",
    "--set=evaluation.metrics=[{metric: SparseCategoricalAccuracy, overall: {min: 0.1}}]",
    *FEW_REQUESTS,
)
"""Settings for tests of how a run ends: how good and how fast its model is does not matter."""
TABLE = """
name: dots
data: {format: csv, files: dots.csv, split: {train: 2, eval: 1, test: 1}}
features: {x: {kind: number}, y: {kind: number}}
label: {name: side, kind: classes, values: [left, right]}
training: {epochs: 2, batch_size: 32, learning_rate: 3.0e-2}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.1}}]}
serving_check:
  {growth_requests: 300, growth_percent: 50, comparison_requests: 20, latency_requests: 20,
   p99_ratio: 100, throughput_ratio: 0.01}
"""
"""The smallest of data sets, for tests of how runs go on: theirs take half as long as of images."""


LONGEST_SECONDS = 900
"""For what hangs; a machine that others use takes ten times as long as one that is idle."""


@dataclasses.dataclass(frozen=True)
class Finished:
    """A process of local_runner.py that ended."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def ran(self) -> list[str]:
        """The nodes whose executor ran."""
        return [node["node"] for node in self.summary["nodes"] if node["state"] == "done"]


@dataclasses.dataclass(frozen=True)
class Clone:
    """A copy of the project's sources, so that a test may edit them, and a ROOT to run in."""

    source: Path
    root: Path
    config: str = "configs/quick.yaml"
    """The settings file, below `source`."""
    name: str = "fashion_mnist"
    """What they call the model."""

    @property
    def base_path(self) -> Path:
        return self.root / "serving" / self.name

    @property
    def versions(self) -> list[int]:
        if not self.base_path.exists():
            return []
        return sorted(int(p.name) for p in self.base_path.iterdir() if p.name.isdigit())

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """A run as a user starts it."""
        return subprocess.Popen(
            [sys.executable, *self._command(arguments)],
            cwd=self.source,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def start_warm(self, *arguments: str, **options: Any) -> WarmProcess:
        """The same, but for the imports of libraries, which it finds done."""
        command = self._command(arguments)
        return warm.start(command, cwd=self.source, env=self._environment, **options)

    def run(self, *arguments: str) -> Finished:
        return _finished(self.start(*arguments))

    def run_warm(self, *arguments: str) -> Finished:
        return _finished(self.start_warm(*arguments))

    def _command(self, arguments: Sequence[str]) -> list[str]:
        given = ["--config", self.config, "--root", str(self.root), *arguments]
        return ["local_runner.py", *given]

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.source)}

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.source / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def _finished(process: subprocess.Popen[str] | WarmProcess) -> Finished:
    out, err = process.communicate(timeout=LONGEST_SECONDS)
    return Finished(process.wait(), out, err)


def clone_sources(source: Path, to: Path) -> Clone:
    target = to / "source"
    target.mkdir(parents=True)
    # Bytecode goes along, and is that of a file of the same time and size, as the copy is: each
    # clone would compile seven hundred files. What another process is just writing has a suffix.
    half_written = shutil.ignore_patterns("*.pyc.*")
    for name in SOURCES:
        if (source / name).is_dir():
            shutil.copytree(
                *(source / name, target / name), ignore=half_written, copy_function=_taken
            )
        else:
            shutil.copy2(source / name, target / name)
    return Clone(target, to / "root")


def _taken(source: str, target: str) -> None:
    """Copies a file; bytecode is the same file where it can be, as Python never writes into one."""
    if source.endswith(".pyc"):
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy2(source, target)


def clone_with_table(source: Path, to: Path) -> Clone:
    """A clone whose runs learn a table of two columns."""
    clone = clone_sources(source, to)
    (clone.source / "dots.yaml").write_text(TABLE)
    (clone.source / "dots.csv").write_text(dots())
    return dataclasses.replace(clone, config="dots.yaml", name="dots")


def dots() -> str:
    """The rows of TABLE, as CSV."""
    made = random.Random(0)
    lines = ["x,y,side"]
    for _ in range(300):
        x, y = made.gauss(0, 1), made.gauss(0, 1)
        lines.append(f"{x:.4f},{y:.4f},{'left' if x + y < 0 else 'right'}")
    return "\n".join(lines)
