"""`python -m serving versions`."""

from __future__ import annotations

import argparse
import dataclasses
import errno
import functools
import json
import os
import sys
import time

from documents.provenance import Provenance
from documents.regular_file import NotRegularError
from documents.saved_model import WARM_UP
from documents.shown import shown
from serving.base_path import ledger
from serving.base_path.content import content_digest, file_digest
from serving.base_path.errors import BasePathError, describe
from serving.base_path.journal import interrupted
from serving.base_path.state import list_withdrawn, read_state
from serving.base_path.version_number import version_number
from serving.base_path.versions import (
    Version,
    list_versions,
    provenance_of,
    undisturbed,
    version_digest,
)
from serving.clients.url_options import url_option
from serving.commands._change import add_base_path

HELP = """\
what a base path holds: which version is live, how old and how accurate each is

examples:
  python -m serving versions
  python -m serving versions --verify
  python -m serving versions --url http://127.0.0.1:8501
  python -m serving versions --json | jq '.[] | select(.state == "live") | .version'"""

_LOOKS = 5
"""How often a base path is read that somebody changes meanwhile."""
_SHORT = 12
_PIPED_WIDTH = 300
_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


class UnreachableError(RuntimeError):
    """No server is where --url points."""


@dataclasses.dataclass(frozen=True)
class Row:
    """What is said about one version."""

    version: int
    state: str
    """`live`, `ready`, `withdrawn`, `incomplete` or `double`; with --verify also `missing`."""
    age_seconds: float | None = None
    accuracy: float | None = None
    """On the test split, through the served model."""
    run: str | None = None
    digest: str | None = None
    reason: str | None = None
    """Why it was withdrawn, or which other folder has the same number."""
    unchanged: bool | None = None
    """With --verify: whether the files still are what was published; None when nobody wrote
    that down."""
    server: str | None = None
    """With --url: the state that the server reports."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_base_path(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read all files, and compare with what was published; exit code 1 if they differ",
    )
    parser.add_argument(
        "--url", type=url_option, help="of a model server, to say which state it reports"
    )
    parser.add_argument("--model-name", help="on that server (default: end of the base path)")


def run(options: argparse.Namespace) -> int:
    table = rows(options.base_path, verify=options.verify)
    if options.url:
        states = _server_states(options)
        table = [dataclasses.replace(row, server=states.get(row.version)) for row in table]
    if options.json:
        print(json.dumps([dataclasses.asdict(row) for row in table], indent=1))
    elif table:
        _print(table, options)
    else:
        print(f"Base path {options.base_path} holds no versions.")
    if options.verify and (change := interrupted(options.base_path)):
        print(
            f"A {change.action} of version {change.version} that began at {change.time} has not"
            " ended: its process is at it, or was killed, and the next change of the base path"
            " sees it through.",
            file=sys.stderr,
        )
    return int(any(row.unchanged is False for row in table))


def rows(base: str, *, verify: bool = False) -> list[Row]:
    """The versions, newest first.

    Raises:
      BasePathError: the base path cannot be read.
    """
    for _ in range(_LOOKS):
        entries, change = ledger.read_ledger(base), interrupted(base)
        found = undisturbed(functools.partial(_rows, base, entries, verify))
        if all(row.unchanged is not False for row in found):
            break
        # Or it was moved while it was read.
        if (ledger.read_ledger(base), interrupted(base)) == (entries, change):
            break
    moving = _moved_by(change) if change else set()
    return [
        dataclasses.replace(row, unchanged=None) if row.version in moving else row
        for row in found
        if row.version not in moving or row.state != "missing"
    ]


def _moved_by(change: ledger.Entry) -> set[int]:
    """Versions that are between two names, also when the process that moves them was killed."""
    itself = [change.version] if change.action in ("withdraw", "restore") else []
    return {*itself, *change.withdrawn, *change.pruned}


def _rows(base: str, entries: list[ledger.Entry], verify: bool) -> list[Row]:
    state = read_state(base)
    found = [_incomplete(number, entries, verify) for number in state.incomplete]
    for version in list_versions(base):
        name = "live" if version.number == state.live else "ready"
        found.append(_row(version, name, entries, verify))
    for version in list_withdrawn(base):
        row = _row(version, "withdrawn", entries, verify)
        entry = ledger.withdrawal_of(entries, version.number)
        found.append(dataclasses.replace(row, reason=entry.reason if entry else None))
    for number, (first, *others) in state.doubles.items():
        reason = f"%r has the number of {first!r}; move one of them out of the base path"
        found += [Row(number, "double", reason=reason % name) for name in others]
    if verify:
        known = {row.version for row in found}
        found += [
            Row(number, "missing", reason="its folder is gone", unchanged=False)
            for number in ledger.kept(entries) - known
        ]
    return sorted(found, key=lambda row: row.version, reverse=True)


def _incomplete(number: int, entries: list[ledger.Entry], verify: bool) -> Row:
    """A folder without `saved_model.pb`: half copied by another tool, or damaged since."""
    if verify and number in ledger.kept(entries):
        return Row(number, "incomplete", reason="its saved_model.pb is gone", unchanged=False)
    return Row(number, "incomplete")


def _row(version: Version, state: str, entries: list[ledger.Entry], verify: bool) -> Row:
    provenance = provenance_of(version.path) or Provenance()
    recorded = [
        entry.content_digest
        for entry in entries
        if entry.version == version.number and entry.content_digest
    ]
    digest = provenance.content_digest or (recorded[-1] if recorded else None)
    unchanged = None
    if verify:
        found = _content(version)
        unchanged = None if digest is None and found else found == digest
        if {*recorded[-1:], digest} != {digest} or not _same_warm_up(version, provenance):
            unchanged = False
        digest = digest or found
    elif digest is None and "://" in version.path:
        digest = version_digest(version)
    return Row(
        version.number,
        state,
        age_seconds=max(0.0, time.time() - version.number),
        accuracy=provenance.test_accuracy,
        run=provenance.run_id,
        digest=digest,
        unchanged=unchanged,
    )


def _same_warm_up(version: Version, provenance: Provenance) -> bool:
    """Whether the warm-up file, which is no content, is as it was pushed.

    A model server refuses a version whose warm-up fails.
    """
    written = provenance.warm_up_sha256
    try:
        return not written or file_digest(os.path.join(version.path, WARM_UP)) == written
    except (NotRegularError, OSError):
        return False


def _content(version: Version) -> str | None:
    """Its content digest; None when something in it is no file, or gone."""
    try:
        return content_digest(version.path)
    except (NotRegularError, FileNotFoundError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise BasePathError(describe(os.path.dirname(version.path), error)) from error


def _server_states(options: argparse.Namespace) -> dict[int, str]:
    from serving.clients.rest_client import RestClient, cause

    name = options.model_name or os.path.basename(os.path.abspath(options.base_path))
    try:
        states = RestClient(options.url, name, timeout=5).status()
    except OSError as error:
        raise UnreachableError(
            f"No model server answers at {options.url} ({cause(error)}); start one, or leave out"
            " --url."
        ) from error
    found = {version_number(str(state.get("version"))): state.get("state") for state in states}
    return {number: str(state) for number, state in found.items() if number is not None}


def _print(table: list[Row], options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.table import Table

    view = Table(box=None, pad_edge=False)
    for heading in ("VERSION", "STATE", "AGE", "ACCURACY", "RUN", "CONTENT"):
        view.add_column(heading, overflow="fold")
    if options.verify:
        view.add_column("VERIFIED")
    if options.url:
        view.add_column("SERVER")
    view.add_column("REASON", overflow="fold")
    for row in table:
        cells = [
            str(row.version),
            row.state,
            _age(row.age_seconds),
            "" if row.accuracy is None else f"{row.accuracy:.4f}",
            shown(row.run or ""),
            shown((row.digest or "").removeprefix("sha256:")[:_SHORT]),
        ]
        if options.verify:
            cells.append({True: "ok", False: "CHANGED", None: "?"}[row.unchanged])
        if options.url:
            cells.append(shown(row.server or ""))
        view.add_row(*cells, shown(row.reason or ""))
    # Piped into another program, a row stays one line. No escapes: nothing here is worth one.
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width, highlight=False, markup=False, color_system=None).print(view)


def _age(seconds: float | None) -> str:
    """The age in its largest unit; numbers that are no times of a push have none that says much."""
    if seconds is None or seconds > 20 * 365 * 86400:
        return ""
    unit, size = next((unit for unit in _UNITS if seconds >= unit[1]), _UNITS[-1])
    return f"{seconds / size:.0f} {unit}"
