"""Options that several commands have alike: which settings, and what of them is overridden."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.settings import REPOSITORY


def add_config(parser: argparse.ArgumentParser, described: str) -> None:
    """`--config`: the default settings, if no others are named."""
    parser.add_argument(
        "--config",
        type=Path,
        default=REPOSITORY / "configs" / "fashion_mnist.yaml",
        help=described,
    )


def add_overrides(parser: argparse.ArgumentParser, described: str) -> None:
    """`--set KEY=VALUE`, any number of times, as `overrides`."""
    parser.add_argument(
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=described,
    )
