"""What the commands of all benchmarks have in common."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from pipeline.settings import REPOSITORY

_WIDTH = 120
_RESULTS = Path("benchmarks", "results")


def add_output(parser: argparse.ArgumentParser, name: str) -> None:
    """Adds `--output`, a Path; by default `name` in benchmarks/results."""
    parser.add_argument(
        "--output",
        type=Path,
        default=REPOSITORY / _RESULTS / name,
        help=f"JSON file (default: {_RESULTS / name})",
    )


def console() -> Console:
    """Where progress and tables are printed."""
    # A file or pipe has no width, and rich would squeeze the table into 80 columns.
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
