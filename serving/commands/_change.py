"""What the commands that change a base path have in common."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys

from documents.terminal.console import changed
from documents.terminal.option_types import place_option
from serving.base_path import metadata
from serving.base_path.changes import Change
from serving.commands._default import SERVING

_DONE = {
    "withdraw": "Withdrew version {versions}",
    "rollback": "Rolled back to version {version}, withdrew {versions}",
    "restore": "Restored version {version}",
    "prune": "Removed {versions}",
}
_PLANNED = {
    "withdraw": "Would withdraw version {versions}",
    "rollback": "Would roll back to version {version}, withdrawing {versions}",
    "restore": "Would restore version {version}",
    "prune": "Would remove {versions}",
}


def add_base_path(parser: argparse.ArgumentParser) -> None:
    """The option that names the base path."""
    parser.add_argument(
        "--base-path",
        type=place_option,
        metavar="FOLDER",
        help=f"folder of the versions, or gs://… or s3://… (default: the model in {SERVING})",
    )


def add_change_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that changes something."""
    add_base_path(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--store",
        metavar="STORE",
        help="ML Metadata store that gets a record too: a SQLite file, or mysql://…, "
        "postgresql://…, grpc://… (default: that of ROOT for a base path ROOT/serving/MODEL)",
    )


def report(change: Change, options: argparse.Namespace) -> int:
    """Records a change in the metadata store where there is one, and prints it."""
    if not options.dry_run:
        changed()
    store = options.store or metadata.find_store(options.base_path)
    if store and not options.dry_run and change.version is not None:
        try:
            metadata.record_change(options.base_path, change, store)
        except metadata.RecordError as error:
            print(error, file=sys.stderr)
    if options.json:
        print(json.dumps({**dataclasses.asdict(change), "dry_run": options.dry_run}))
    else:
        print(sentence(change, dry_run=options.dry_run))
    return 0


def sentence(change: Change, *, dry_run: bool) -> str:
    """A change for people."""
    numbers = change.pruned if change.action == "prune" else change.withdrawn
    listed = [str(number) for number in numbers] + list(change.leftovers)
    template = (_PLANNED if dry_run else _DONE)[change.action]
    text = template.format(version=change.version, versions=", ".join(listed) or "nothing")
    if change.action == "prune":
        return f"{text} ({change.freed_bytes / 1e6:.1f} MB); live: {_named(change.live_after)}."
    if change.live_before == change.live_after:
        return f"{text}; live as before: {_named(change.live_after)}."
    return f"{text}; live: {_named(change.live_before)} → {_named(change.live_after)}."


def _named(number: int | None) -> str:
    return "nothing" if number is None else f"version {number}"
