"""Options that several commands have alike: which settings, and what of them is overridden."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.settings import REPOSITORY


def add_config(
    parser: argparse.ArgumentParser, described: str, default: str = "fashion_mnist.yaml"
) -> None:
    """`--config`: the settings of that name in configs/, if no others are named."""
    parser.add_argument(
        "--config",
        type=Path,
        default=REPOSITORY / "configs" / default,
        help=described,
    )


OVERRIDE = "override one setting, e.g. training.epochs=10; may be repeated"


def add_overrides(parser: argparse.ArgumentParser, described: str = OVERRIDE) -> None:
    """`--set KEY=VALUE`, any number of times, as `overrides`."""
    parser.add_argument(
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=described,
    )
