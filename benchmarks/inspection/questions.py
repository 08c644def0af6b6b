"""Every question as a process of its own, as people ask it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import usage
from pipeline.settings import REPOSITORY
from serving.backends.interpreter import clean_environment, module_command

# Answers about what is missing or was refused have codes of their own.
CODES = (0, 1, 3)


@dataclasses.dataclass(frozen=True)
class Asked:
    """One command and what it took."""

    store: str
    command: str
    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float


def commands(folder: Path) -> Sequence[Sequence[str]]:
    """All of them, about the newest run and the oldest."""
    return (
        ("runs",),
        ("runs", "--all"),
        ("show", "latest"),
        ("show", "Trainer"),
        ("why", "latest"),
        ("why", "Trainer"),
        ("why", "ServingCheck"),
        ("lineage", "Pusher", "--up"),
        ("lineage", "a1", "--down"),
        ("lineage", "latest"),
        ("diff", "r1000000", "latest"),
        ("serving",),
        ("serving", "--at", "2026-01-10 09:00"),
        ("drift", "SparseCategoricalAccuracy"),
        ("rebuild", "latest"),
        ("runs", "--fate", "refused"),
        ("runs", "--where", "training.seed=1"),
        ("runs", "--order", "SparseCategoricalAccuracy"),
        ("gc", "--dry-run"),
        ("export", "--json"),
        ("report", "latest", "--html", str(folder / "report.html")),
    )


def ask(
    store: Path, title: str, asked: Sequence[Sequence[str]], scratch: Path, times: int
) -> Iterator[Asked]:
    """Asks each so many times; the medians.

    Raises:
      usage.CommandError: a command failed.
    """
    for arguments in asked:
        command = module_command("inspection", *arguments, "--store", str(store))
        found = usage.median(
            [
                usage.run(
                    command,
                    cwd=REPOSITORY,
                    output=scratch / "output",
                    codes=CODES,
                    env=clean_environment(),
                )
                for _ in range(times)
            ]
        )
        yield Asked(
            title,
            " ".join(each for each in arguments if not each.startswith("/")),
            found.cpu_seconds,
            found.wall_seconds,
            found.peak_megabytes,
        )
