"""The figures as tables for people and as a document for programs."""

from __future__ import annotations

import dataclasses
import datetime
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks import machine
from benchmarks.target import Target
from benchmarks.usage import Usage, median


@dataclasses.dataclass(frozen=True)
class Run:
    """One measured run of one contender."""

    contender: str
    round: int
    usage: Usage
    accuracy: float
    """Of the model it left, on the official test images."""
    check_seconds: float = 0.0
    """CPU seconds of its serving check."""


def medians(runs: Iterable[Run]) -> dict[str, Usage]:
    """The median usage by contender, in the order of their first runs."""
    return {key: median([run.usage for run in part]) for key, part in _grouped(runs).items()}


def accuracies(runs: Iterable[Run]) -> dict[str, float]:
    """The median accuracy by contender."""
    return {
        key: statistics.median(run.accuracy for run in part) for key, part in _grouped(runs).items()
    }


def check_seconds(runs: Iterable[Run]) -> float:
    """The median CPU seconds of the serving check, over the runs that had one."""
    return statistics.median([run.check_seconds for run in runs if run.check_seconds] or [0.0])


def usage_table(runs: Sequence[Run], titles: Mapping[str, str]) -> Table:
    """One line per contender, medians; the range of CPU seconds shows how calm the machine was."""
    table = Table(title="Medians of whole processes")
    table.add_column("")
    for column in ("CPU s", "range", "CPU / (a)", "wall s", "peak RSS MB", "test accuracy"):
        table.add_column(column, justify="right")
    usages, right = medians(runs), accuracies(runs)
    for key, usage in usages.items():
        seconds = [run.usage.cpu_seconds for run in runs if run.contender == key]
        base = usages.get("a")
        table.add_row(
            titles[key],
            f"{usage.cpu_seconds:.1f}",
            f"{min(seconds):.1f}–{max(seconds):.1f}",
            f"{usage.cpu_seconds / base.cpu_seconds:.2f}" if base else "",
            f"{usage.wall_seconds:.1f}",
            f"{usage.peak_megabytes:,.0f}",
            f"{right[key]:.4f}",
        )
    return table


def target_table(targets: Sequence[Target]) -> Table:
    """One line per target."""
    table = Table()
    for column in ("target", "found", "limit", "verdict"):
        table.add_column(column, justify="right" if column in ("found", "limit") else "left")
    for target in targets:
        limit = f"{'≥' if target.at_least else '≤'} {target.limit:,g}"
        verdict = "[green]met[/]" if target.met else "[red]missed[/]"
        table.add_row(target.name, f"{target.value:,.4g}", limit, verdict)
    return table


def write_part(path: Path, part: str, targets: Sequence[Target], figures: dict[str, Any]) -> None:
    """Puts one part of a benchmark into its JSON file, where the others stay as they are."""
    document = json.loads(path.read_text()) if path.exists() else {}
    document[part] = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "versions": machine.versions(),
        "targets": [{**dataclasses.asdict(target), "met": target.met} for target in targets],
        **figures,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def document(runs: Sequence[Run], targets: Sequence[Target]) -> dict[str, Any]:
    """Every single run, the medians and the verdicts, ready for JSON."""
    right = accuracies(runs)
    return {
        "runs": [
            {
                "contender": run.contender,
                "round": run.round,
                **_rounded(run.usage),
                "accuracy": run.accuracy,
                "serving_check_cpu_seconds": round(run.check_seconds, 3),
            }
            for run in runs
        ],
        "medians": {
            key: {**_rounded(usage), "accuracy": right[key]} for key, usage in medians(runs).items()
        },
        "targets": [{**dataclasses.asdict(target), "met": target.met} for target in targets],
    }


def _rounded(usage: Usage) -> dict[str, float]:
    """To milliseconds and kilobytes."""
    return {name: round(value, 3) for name, value in dataclasses.asdict(usage).items()}


def _grouped(runs: Iterable[Run]) -> dict[str, list[Run]]:
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.contender, []).append(run)
    return groups
