"""The ledger: one entry for each change of what a base path offers to model servers, and for each
time that one of them confirmed a push.

`.ledger.jsonl` in the base path, one JSON object a line; object stores cannot append, so there
each entry is an object of its own below `.ledger/`.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
import logging
import os
import secrets
import time
from collections.abc import Iterable
from typing import Any, Literal, get_args

from serving import storage

LEDGER = ".ledger.jsonl"
ENTRIES = ".ledger"

Action = Literal["publish", "confirm", "rollback", "withdraw", "restore", "prune"]

# The actions that touch several versions, and the key under which an entry lists them.
_LISTED = {"rollback": "withdrawn", "prune": "pruned"}


@dataclasses.dataclass(frozen=True)
class Entry:
    """One change, as it was written down."""

    time: str
    """UTC, ISO 8601."""
    action: Action
    version: int
    """The version acted on; of a rollback the one that is live since, of a prune the newest."""
    live_before: int | None = None
    """None when nothing was live, and in entries of `publish` that were written before it was
    recorded."""
    live_after: int | None = None
    content_digest: str | None = None
    """Of `version`, when known."""
    reason: str | None = None
    withdrawn: tuple[int, ...] = ()
    """By a rollback, lowest number first."""
    pruned: tuple[int, ...] = ()
    """By a prune, lowest number first."""


def now() -> str:
    """The present as an entry's `time`."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def read_ledger(base_path: str | os.PathLike[str]) -> list[Entry]:
    """All entries, oldest first; none when nothing was ever recorded. A damaged one is passed over
    with a warning.

    Raises:
      OSError: the ledger cannot be read.
    """
    base = os.fspath(base_path)
    entries = []
    for place, line in _lines(base):
        if not line.strip():
            continue
        try:
            entries.append(decode(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            logging.getLogger(__name__).warning("Passing over %s: not a ledger entry.", place)
    return entries


def record(base_path: str | os.PathLike[str], entry: Entry) -> None:
    """Adds an entry, through to the disk. On this machine the caller holds the base path's lock.

    Raises:
      OSError: the ledger cannot be written.
    """
    base, line = os.fspath(base_path), json.dumps(encode(entry)).encode() + b"\n"
    if storage.is_remote(base):
        # Names sort by age.
        name = f"{time.time_ns():020d}-{entry.action}-{entry.version}-{secrets.token_hex(2)}.json"
        storage.write(os.path.join(base, ENTRIES, name), io.BytesIO(line))
        return
    with open(os.path.join(base, LEDGER), "ab+") as file:
        if file.tell() and not _ends_a_line(file):
            line = b"\n" + line  # Who wrote here last was cut off.
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def withdrawal_of(entries: Iterable[Entry], number: int) -> Entry | None:
    """The entry that says when and why version `number` was last withdrawn or rolled back."""
    found = None
    for entry in entries:
        if (entry.action == "withdraw" and entry.version == number) or number in entry.withdrawn:
            found = entry
    return found


def encode(entry: Entry) -> dict[str, Any]:
    """The JSON object of an entry."""
    document = dataclasses.asdict(entry)
    return {
        key: value
        for key, value in document.items()
        if key not in _LISTED.values() or key == _LISTED.get(entry.action)
    }


def decode(document: Any) -> Entry:
    """The entry of a JSON object; keys that this version does not know are passed over.

    Raises:
      KeyError, TypeError, ValueError: it is none.
    """
    if document["action"] not in get_args(Action):
        raise ValueError(document["action"])
    return Entry(
        time=str(document["time"]),
        action=document["action"],
        version=int(document["version"]),
        live_before=document.get("live_before"),
        live_after=document.get("live_after"),
        content_digest=document.get("content_digest"),
        reason=document.get("reason"),
        withdrawn=tuple(document.get("withdrawn") or ()),
        pruned=tuple(document.get("pruned") or ()),
    )


def _lines(base: str) -> Iterable[tuple[str, bytes]]:
    """The raw entries, each with the place where it stands."""
    try:
        if storage.is_remote(base):
            folder = os.path.join(base, ENTRIES)
            for name in sorted(storage.children(folder)):
                path = os.path.join(folder, name)
                with storage.reading(path) as file:
                    yield path, file.read()
        else:
            path = os.path.join(base, LEDGER)
            with open(path, "rb") as file:
                for number, line in enumerate(file, start=1):
                    yield f"{path}:{number}", line
    except FileNotFoundError:
        return


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")
