"""The ledger: one entry for each change of what a base path offers to model servers, and for each
time that one of them confirmed a push.

`.ledger.jsonl` in the base path, one JSON object a line; object stores cannot append, so there
each entry is an object of its own below `.ledger/`.
"""

from __future__ import annotations

import datetime
import errno
import io
import json
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from typing import Any

from documents.ledger_entry import LedgerEntry
from documents.reader import parse_or_none, pass_over
from documents.regular_file import open_regular
from serving.base_path import storage

Entry = LedgerEntry
LEDGER = Entry.FILE
ENTRIES = ".ledger"

LONGEST_LINE = 1 << 20
"""Bytes; the longest that this project writes, a prune of ten thousand versions, has a fifth."""
LARGEST = 256 << 20
"""Bytes of a ledger: half a million changes."""

_PUBLISH = re.compile(r"[0-9]+-publish-([0-9]{1,19})-[0-9a-f]+\.json")
"""The name of an entry in an object store, as `record` makes it."""


def now() -> str:
    """The present as an entry's `time`."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def read_ledger(base_path: str | os.PathLike[str]) -> list[Entry]:
    """All entries, oldest first; none when nothing was ever recorded.

    A damaged one is passed over with a warning, and so is what lies in a ledger's place and is no
    ledger.
    """
    base, entries = os.fspath(base_path), []
    try:
        for place, line in _lines(base):
            entry = parse_or_none(Entry, line, place) if line.strip() else None
            if entry is not None:
                entries.append(entry)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        problem = f"cannot be read as a ledger ({error.strerror or error})"
        pass_over(error.filename or base, problem, "move it away, or mend its permissions")
    return entries


def record(base_path: str | os.PathLike[str], entry: Entry) -> None:
    """Adds an entry, through to the disk. On this machine the caller holds the base path's lock.

    Raises:
      OSError: the ledger cannot be written.
    """
    base, line = os.fspath(base_path), json.dumps(entry.as_dict()).encode() + b"\n"
    if storage.is_remote(base):
        # Names sort by age, also where the clocks of two machines disagree.
        nanoseconds = max(time.time_ns(), _last(base) + 1)
        name = f"{nanoseconds:020d}-{entry.action}-{entry.version}-{secrets.token_hex(2)}.json"
        storage.write(os.path.join(base, ENTRIES, name), io.BytesIO(line))
        return
    descriptor = open_regular(os.path.join(base, LEDGER), os.O_RDWR | os.O_APPEND | os.O_CREAT)
    with os.fdopen(descriptor, "ab+") as file:
        if file.seek(0, os.SEEK_END) and not _ends_a_line(file):
            line = b"\n" + line  # Who wrote here last was cut off.
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _last(base: str) -> int:
    """The time in the name of the newest entry in an object store."""
    try:
        newest = max(storage.children(os.path.join(base, ENTRIES)))
    except FileNotFoundError:
        return 0
    digits = newest.partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() else 0


def published(base_path: str | os.PathLike[str]) -> set[int]:
    """Numbers of all versions that were ever published, pruned or not.

    Raises:
      OSError: the object store cannot be asked.
    """
    base = os.fspath(base_path)
    if not storage.is_remote(base):
        return {entry.version for entry in read_ledger(base) if entry.action == "publish"}
    try:
        names = storage.children(os.path.join(base, ENTRIES))
    except FileNotFoundError:
        return set()
    # Names say it, so that nothing is read.
    found = (_PUBLISH.fullmatch(name) for name in names)
    return {int(matched[1]) for matched in found if matched}


def kept(entries: Iterable[Entry]) -> set[int]:
    """Numbers of the versions that were published and not pruned since, withdrawn or not."""
    numbers: set[int] = set()
    for entry in entries:
        if entry.action == "publish":
            numbers.add(entry.version)
        numbers -= set(entry.pruned)
    return numbers


def withdrawal_of(entries: Iterable[Entry], number: int) -> Entry | None:
    """The entry that says when and why version `number` was last withdrawn or rolled back."""
    found = None
    for entry in entries:
        if (entry.action == "withdraw" and entry.version == number) or number in entry.withdrawn:
            found = entry
    return found


def _lines(base: str) -> Iterator[tuple[str, bytes]]:
    """The raw entries, each with the place where it stands.

    Raises:
      OSError: there is no ledger (FileNotFoundError), or it cannot be read.
    """
    if storage.is_remote(base):
        folder = os.path.join(base, ENTRIES)
        for name in sorted(storage.children(folder)):
            path = os.path.join(folder, name)
            with storage.reading(path) as file:
                yield path, file.read(LONGEST_LINE + 1)
        return
    path = os.path.join(base, LEDGER)
    with storage.reading(path) as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MiB", path)
        number, line_start = 0, True
        while part := file.readline(LONGEST_LINE):
            # The rest of a line that is longer than any entry says no more about it.
            number += line_start
            if line_start:
                yield f"{path}:{number}", part
            line_start = part.endswith(b"\n")


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")
