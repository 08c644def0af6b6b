"""`python -m serving restore`."""

from __future__ import annotations

import argparse

from serving.base_path.withdrawal import restore
from serving.commands._change import add_change_arguments, report

HELP = """\
give a withdrawn version back to the model servers

Its content is compared with what was published. It becomes live when no version is newer.

examples:
  python -m serving restore 1767225600
  python -m serving restore 1767225600 --dry-run"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", type=int, metavar="VERSION")
    add_change_arguments(parser)


def run(options: argparse.Namespace) -> int:
    return report(restore(options.base_path, options.version, dry_run=options.dry_run), options)
