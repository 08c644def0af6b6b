"""`python -m serving prune`."""

from __future__ import annotations

import argparse

from documents.terminal.option_types import duration_option
from serving.base_path.withdrawal import prune
from serving.commands._change import add_change_arguments, report

HELP = """\
remove old versions for good

The live version always stays and, when two or more are kept, the one that it was compared with.

examples:
  python -m serving prune --keep 5 --dry-run
  python -m serving prune --keep 5 --withdrawn
  python -m serving prune --keep 5 --leftovers 0"""

LEFTOVER_MINUTES = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep", type=int, required=True, metavar="N", help="how many of the newest stay"
    )
    parser.add_argument("--withdrawn", action="store_true", help="withdrawn versions go too")
    parser.add_argument(
        "--leftovers",
        nargs="?",
        type=duration_option,
        const=LEFTOVER_MINUTES,
        metavar="MINUTES",
        help="so do unfinished copies that nobody has touched for so long (default: 60)",
    )
    add_change_arguments(parser)


def run(options: argparse.Namespace) -> int:
    change = prune(
        options.base_path,
        options.keep,
        withdrawn=options.withdrawn,
        leftovers=None if options.leftovers is None else 60 * options.leftovers,
        dry_run=options.dry_run,
    )
    return report(change, options)
