"""What production costs: this pipeline beside a plain script and beside TFX's own wiring.

Runs, interleaved and each as a fresh process: (a) benchmarks/prototype.py, a tuned single-file
script; (b) benchmarks/stock, TFX wired as its own MNIST example; (c) local_runner.py. All train
the same network for the same number of steps on the same images. Then (c) once more in the ROOT it
left, where everything is cached. Prints a table, writes JSON, ends with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from rich.console import Console
from rich.table import Table

from benchmarks.usage import Usage, median, run
from pipeline import preflight
from pipeline.settings import REPOSITORY, Settings, load_settings
from pipeline.workspace import Workspace

NAMES = {
    "a": "(a) plain script",
    "b": "(b) stock TFX wiring",
    "c": "(c) this pipeline",
    "cached": "(c) again, cached",
}


@dataclasses.dataclass(frozen=True)
class Target:
    """A figure and the limit it has to keep."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def targets(medians: dict[str, Usage], test_accuracy: float) -> list[Target]:
    """Every target of the main job, from the medians of the contenders a, b, c and cached."""
    a, b, c = (medians[name].cpu_seconds for name in "abc")
    return [
        Target("production tax, CPU c / a", c / a, 1.25),
        Target("overhead beside stock, (c - a) / (b - a)", (c - a) / (b - a), 0.4),
        Target("cached run, CPU seconds", medians["cached"].cpu_seconds, 10.0),
        Target("peak memory of (c), MB", medians["c"].peak_megabytes, 1_500.0),
        Target("test accuracy through the pushed model", test_accuracy, 0.920, at_least=True),
    ]


class Contenders:
    """The commands, with fresh folders for each run."""

    def __init__(self, settings: Settings, config: Path, data: Path, module: Path, scratch: Path):
        self.config, self.data, self.module, self.scratch = config, data, module, scratch
        self.training, self.eval_examples = settings.training, settings.data.eval_examples
        self.train_examples = 60_000 - self.eval_examples
        self.summary: dict[str, Any] = {}

    def prepare(self) -> None:
        """Writes the input of the stock pipeline, outside of what is measured."""
        command = [
            *("-m", "benchmarks.stock.prepare", "--data", str(self.data)),
            *("--eval", str(self.eval_examples), "--output", str(self.scratch / "stock_input")),
        ]
        run([sys.executable, *command], cwd=REPOSITORY, output=self.scratch / "prepare.out")

    def measure(self, name: str, number: int) -> Usage:
        """Runs contender a, b or c, or c's cached second run after a c of the same number."""
        folder = self.scratch / f"{'c' if name == 'cached' else name}{number}"
        output = self.scratch / f"{name}{number}.out"
        command = {"a": self._script, "b": self._stock, "c": self._ours, "cached": self._ours}
        usage = run([sys.executable, *command[name](folder)], cwd=REPOSITORY, output=output)
        if name == "c":
            self.summary = json.loads(output.read_text())
        return usage

    def _same_training(self) -> list[str]:
        return [
            *("--module", str(self.module), "--batch-size", str(self.training.batch_size)),
            *("--learning-rate", str(self.training.learning_rate)),
        ]

    def _script(self, folder: Path) -> list[str]:
        return [
            *("benchmarks/prototype.py", "--data", str(self.data), "--export", str(folder)),
            *("--train", str(self.train_examples), "--epochs", str(self.training.epochs)),
            *self._same_training(),
        ]

    def _stock(self, folder: Path) -> list[str]:
        steps = self.train_examples // self.training.batch_size * self.training.epochs
        return [
            *("-m", "benchmarks.stock.run", "--data", str(self.scratch / "stock_input")),
            *("--root", str(folder), "--steps", str(steps)),
            *self._same_training(),
        ]

    def _ours(self, folder: Path) -> list[str]:
        return ["local_runner.py", "--config", str(self.config), "--root", str(folder), "--json"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.production_tax",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender (default: 3)")
    parser.add_argument(
        "--config", type=Path, default=REPOSITORY / "configs" / "fashion_mnist.yaml"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=REPOSITORY / "benchmarks" / "results" / "production_tax.json",
        help="JSON file (default: benchmarks/results/production_tax.json)",
    )
    options = parser.parse_args(arguments)
    console = Console()

    settings = load_settings(options.config)
    with tempfile.TemporaryDirectory(prefix="production-tax-") as folder:
        dataset = preflight.gather_data(settings)
        places = preflight.gather_places(settings, Workspace(Path(folder)), "", dataset)
        module = REPOSITORY / settings.hub.handle
        contenders = Contenders(settings, options.config, Path(places.data), module, Path(folder))
        contenders.prepare()
        usages: dict[str, list[Usage]] = {name: [] for name in NAMES}
        for number in range(options.runs):
            for name in NAMES:
                usage = contenders.measure(name, number)
                usages[name].append(usage)
                console.print(
                    f"run {number + 1} of {options.runs}: {NAMES[name]} "
                    f"{usage.cpu_seconds:.1f} CPU s, {usage.wall_seconds:.1f} s",
                    highlight=False,
                )
    medians = {name: median(found) for name, found in usages.items()}
    verdicts = targets(medians, contenders.summary["test_accuracy"])
    console.print(usage_table(medians))
    console.print(target_table(verdicts))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(_document(usages, medians, verdicts), indent=1) + "\n")
    console.print(f"written to {os.path.relpath(options.output)}", highlight=False)
    return 0 if all(target.met for target in verdicts) else 1


def usage_table(medians: dict[str, Usage]) -> Table:
    table = Table(title="medians of whole processes")
    for column in ("", "CPU s", "wall s", "peak MB"):
        table.add_column(column, justify="right" if column else "left")
    for name, usage in medians.items():
        table.add_row(
            NAMES[name],
            f"{usage.cpu_seconds:.1f}",
            f"{usage.wall_seconds:.1f}",
            f"{usage.peak_megabytes:,.0f}",
        )
    return table


def target_table(verdicts: Sequence[Target]) -> Table:
    table = Table()
    for column in ("target", "found", "limit", ""):
        table.add_column(column, justify="left" if column in ("target", "") else "right")
    for target in verdicts:
        limit = f"{'≥' if target.at_least else '≤'} {target.limit:,g}"
        met = "[green]met[/]" if target.met else "[red]missed[/]"
        table.add_row(target.name, f"{target.value:,.4g}", limit, met)
    return table


def _document(
    usages: dict[str, list[Usage]], medians: dict[str, Usage], verdicts: Sequence[Target]
) -> dict[str, Any]:
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "platform": platform.platform(),
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
        },
        "runs": {name: [dataclasses.asdict(u) for u in found] for name, found in usages.items()},
        "medians": {name: dataclasses.asdict(usage) for name, usage in medians.items()},
        "targets": [{**dataclasses.asdict(t), "met": t.met} for t in verdicts],
    }


if __name__ == "__main__":
    sys.exit(main())
