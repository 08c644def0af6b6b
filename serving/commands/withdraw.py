"""`python -m serving withdraw`."""

from __future__ import annotations

import argparse

from serving.base_path.withdrawal import withdraw
from serving.commands._change import add_change_arguments, report

HELP = """\
take one version away from the model servers

It stays in the base path as .withdrawn-NUMBER; `restore` brings it back. What would leave model
servers nothing to serve is refused, unless --leave-nothing says that it is meant. The pipeline does
not push the same content again.

examples:
  python -m serving withdraw 1767225600 --reason "trained on the wrong labels"
  python -m serving withdraw 1767225600 --reason test --dry-run
  python -m serving withdraw 1767225600 --reason "harmful answers" --leave-nothing"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", type=int, metavar="VERSION")
    parser.add_argument("--reason", required=True, help="for the ledger, and for who asks later")
    parser.add_argument(
        "--leave-nothing",
        action="store_true",
        help="also when it is the only version, so that nothing is served",
    )
    add_change_arguments(parser)


def run(options: argparse.Namespace) -> int:
    change = withdraw(
        options.base_path,
        options.version,
        reason=options.reason,
        leave_nothing=options.leave_nothing,
        dry_run=options.dry_run,
    )
    return report(change, options)
