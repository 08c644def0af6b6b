"""`python -m serving rollback`."""

from __future__ import annotations

import argparse

from serving.base_path.withdrawal import rollback
from serving.commands._change import add_change_arguments, report

HELP = """\
make an older version live by withdrawing all that are newer

The versions taken away stay in the base path as .withdrawn-NUMBER; `restore` brings them back.

examples:
  python -m serving rollback --dry-run
  python -m serving rollback --reason "wrong since Monday"
  python -m serving rollback 1767225600"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "version", nargs="?", type=int, metavar="VERSION", help="default: the next older one"
    )
    parser.add_argument("--reason", help="for the ledger, and for who asks later")
    add_change_arguments(parser)


def run(options: argparse.Namespace) -> int:
    change = rollback(
        options.base_path, options.version, reason=options.reason, dry_run=options.dry_run
    )
    return report(change, options)
