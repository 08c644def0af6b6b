"""A copy of the project and a ROOT of its own, so that a test may edit and break both."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

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

LITTLE = (
    "--set=training.epochs=2",
    "--set=evaluation.metrics=[{metric: SparseCategoricalAccuracy, overall: {min: 0.1}}]",
    "--set=serving_check.growth_requests=300",
    "--set=serving_check.growth_percent=50",
    "--set=serving_check.comparison_requests=20",
    "--set=serving_check.latency_requests=20",
)
"""Settings for tests of how a run ends: how good and how fast its model is does not matter."""


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

    @property
    def base_path(self) -> Path:
        return self.root / "serving" / "fashion_mnist"

    @property
    def versions(self) -> list[int]:
        if not self.base_path.exists():
            return []
        return sorted(int(p.name) for p in self.base_path.iterdir() if p.name.isdigit())

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "local_runner.py", "--config", "configs/quick.yaml"]
        return subprocess.Popen(
            [*command, "--root", str(self.root), *arguments],
            cwd=self.source,
            env={**os.environ, "PYTHONPATH": str(self.source)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: str) -> Finished:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return Finished(process.returncode, out, err)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.source / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def clone_sources(source: Path, to: Path) -> Clone:
    target = to / "source"
    target.mkdir(parents=True)
    for name in SOURCES:
        if (source / name).is_dir():
            shutil.copytree(
                source / name, target / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy2(source / name, target / name)
    return Clone(target, to / "root")
