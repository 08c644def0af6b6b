"""What the commands of all benchmarks have in common."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import report
from benchmarks.target import Target
from documents.terminal.command_line import CommandLine
from documents.terminal.short_path import short_path
from pipeline.settings import REPOSITORY

MET, MISSED, USAGE = 0, 1, 2
"""Exit codes: all targets that were judged are met, or not; a mistake in the command line."""
_WIDTH = 120
_RESULTS = Path("benchmarks", "results")


def parser(module: str, description: str, epilog: str, results: str) -> argparse.ArgumentParser:
    """A command line with `--output`, a Path.

    Args:
      module: what `python -m` runs.
      description: as it is laid out, as is `epilog`.
      results: the file in benchmarks/results that holds the figures by default.
    """
    made = CommandLine(
        prog=f"python -m {module}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--output",
        type=Path,
        default=REPOSITORY / _RESULTS / results,
        help=f"JSON file (default: {_RESULTS / results})",
    )
    return made


def some_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """The type of an argument that names some of `known`, with commas."""

    def parse(text: str) -> list[str]:
        wanted = text.split(",")
        if not {*wanted} <= {*known}:
            raise argparse.ArgumentTypeError(f"{text!r}: name some of {','.join(known)}")
        return wanted

    return parse


def console() -> Console:
    """Where progress and tables are printed."""
    # A file or pipe has no width, and rich would squeeze the table into 80 columns.
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)


def write(output: Path, document: Mapping[str, Any]) -> None:
    """Writes figures as JSON."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=1) + "\n")


def verdict(console: Console, targets: Sequence[Target], output: Path) -> int:
    """Says how each target ended and where the figures are; returns MET or MISSED."""
    console.print(report.target_table(targets))
    console.print(f"Every figure is in {short_path(output)}.")
    return MET if all(target.met for target in targets) else MISSED
