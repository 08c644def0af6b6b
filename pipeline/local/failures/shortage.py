"""Faults of the machine behind an error of a library: a full disk, one that turned read-only …

SQLite, ML Metadata, TensorFlow, Beam and shutil each have words of their own for them. They stay in
the log; a person is told what is short, where, and what mends it.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

FULL_MEGABYTES = 20
"""With less room than this, a place counts as full when an error says that one is."""


@dataclasses.dataclass(frozen=True)
class Shortage:
    """One kind of fault, the words that libraries have for it, and what to say."""

    words: str
    """Regular expression, any case."""
    said: str
    """With `{place}` where a folder or file belongs."""


FULL = Shortage(
    r"no space left on device|disk is full|quota exceeded|\bENOSPC\b",
    "there is no room left on the disk of {place}; make room",
)
READ_ONLY = Shortage(
    r"read-?only (file system|database)|readonly database",
    "{place} cannot be written any more; make it writable",
)
SHORTAGES = (
    FULL,
    READ_ONLY,
    Shortage(
        r"database is locked",
        "another program holds the metadata store {store}; close it",
    ),
    Shortage(
        r"database disk image is malformed|file is not a database|disk I/O error",
        "the metadata store {store} was damaged; restore a copy of it",
    ),
    Shortage(r"too many open files", "too many files are open; raise the limit with `ulimit -n`"),
    Shortage(
        r"cannot allocate memory|std::bad_alloc|\bMemoryError\b|OOM when allocating",
        "there is not enough memory; end other programs",
    ),
    Shortage(
        r"can't start new thread|resource temporarily unavailable",
        "no further process or thread can be started; end other programs, or raise `ulimit -u`",
    ),
    Shortage(r"input/output error", "the disk of {place} fails; see to it"),
    # Of gs://, to which TensorFlow and Beam send requests themselves.
    Shortage(
        r"HTTP response code 40[13]\b|\b(Forbidden|Unauthorized): 40[13] [A-Z]+ https?://",
        "an object store refuses these credentials, or they have run out; make new ones, or give "
        "them the right to list, read, write and delete the objects of `pipeline_root`",
    ),
    Shortage(
        r"HTTP response code (429|5\d\d)\b|HTTP request: libcurl code"
        r"|\b\w+: (429|50[0234]) [A-Z]+ https?://",
        "an object store does not answer, or does not want to; see to it",
    ),
)


def shortage(error: BaseException, root: Path, store: Path) -> str | None:
    """What is short on this machine, and what mends it; None when that is not why.

    Args:
      error: with the errors behind it.
      root: where the run writes.
      store: its metadata store.
    """
    for cause in _chain(error):
        text = f"{type(cause).__name__}: {cause}"
        for kind in SHORTAGES:
            if re.search(kind.words, text, re.IGNORECASE):
                places = {"store": store, "place": _place(kind, cause, root)}
                return kind.said.format_map(places) + ", and run the same command again."
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _place(kind: Shortage, error: BaseException, root: Path) -> Path:
    """Which folder it is: looked at, since few libraries say."""
    temporary = Path(tempfile.gettempdir())
    if kind is FULL:
        for place in (root, temporary):
            if _free(place) < FULL_MEGABYTES:
                return place
    if kind is READ_ONLY:
        for place in (root, temporary):
            if not os.access(place, os.W_OK):
                return place
    named = getattr(error, "filename", None)
    return Path(os.fsdecode(named)) if isinstance(named, (str, bytes)) else root


def _free(place: Path) -> int:
    try:
        return shutil.disk_usage(place).free // 2**20
    except OSError:
        return 0
