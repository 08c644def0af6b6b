"""Connects to an sqlite file without leaving a trace beside it."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import sqlite3
import tempfile
import urllib.parse
from pathlib import Path

from documents.regular_file import regular_file
from inspection.stores.error import StoreError

BUSY_SECONDS = 5.0
"""How long to wait for a run that is just committing."""
_MAGIC = b"SQLite format 3\0"
_WAL_VERSION = 2
_COPY_ATTEMPTS = 5


def connect(path: Path) -> sqlite3.Connection:
    """A read-only connection, which several threads may use one after another.

    A file that a killed process left with a journal must be rolled back before it can be read, and
    one in WAL mode needs files beside it. Both are done on a copy in a temporary folder.

    Raises:
      StoreError: the file is missing or is no sqlite file.
    """
    header = _header(path)
    journal = path.with_name(f"{path.name}-journal")
    if _WAL_VERSION not in header[18:20]:
        connection = _open(path, "mode=ro")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
            return connection
        except sqlite3.Error as error:
            connection.close()
            if not journal.exists():
                raise refusal(path, error) from error
    return _connect_to_copy(path)


def refusal(path: Path, error: sqlite3.Error) -> StoreError:
    """What sqlite says, and what helps."""
    told = str(error)
    if "locked" in told:
        return StoreError(f"{path} is locked by a run that is writing; try again in a moment.")
    if "malformed" in told or "not a database" in told:
        old, new = shlex.quote(str(path)), shlex.quote(f"{path}.recovered")
        return StoreError(
            f"{path} is damaged ({told}): put a copy from before in its place, or save what is "
            f"left with `sqlite3 {old} .recover | sqlite3 {new}` and name that with --store."
        )
    return StoreError(f"{path} cannot be read: {told}.")


def _header(path: Path) -> bytes:
    try:
        with regular_file(path) as file:
            header = file.read(100)
    except FileNotFoundError as error:
        raise StoreError(
            f"There is no metadata store at {path}; `make run` makes one, or name another with "
            "--store."
        ) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error
    if not header:
        raise StoreError(f"{path} is empty: no run has written to it yet; `make run` does.")
    if not header.startswith(_MAGIC):
        raise StoreError(f"{path} is no SQLite file; name the metadata.db of a run with --store.")
    return header


def _open(path: Path, options: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{urllib.parse.quote(os.fsencode(path.absolute()))}?{options}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _connect_to_copy(path: Path) -> sqlite3.Connection:
    """Copies the file and its journal, recovers the copy, and keeps it in memory only."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        for _ in range(_COPY_ATTEMPTS):
            before = _states(path)
            for suffix in ("", "-journal", "-wal"):
                source = path.with_name(path.name + suffix)
                target = copy.with_name(copy.name + suffix)
                target.unlink(missing_ok=True)
                if source.exists():
                    _copy(source, target)
            if _states(path) == before:
                break
        else:
            raise StoreError(
                f"{path} changed while it was copied, {_COPY_ATTEMPTS} times; try again when the "
                "run has ended."
            )
        try:
            recovered = _open(copy, "mode=rw")
            memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            recovered.backup(memory)
            recovered.close()
        except sqlite3.Error as error:
            raise refusal(path, error) from error
    return memory


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        pass  # a run has just committed, which shows in the states
    except OSError as error:
        why = error.strerror or error
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise StoreError(
                f"{source.parent} has a journal, so the store is read from a copy, and {target} "
                f"cannot be written: {why}; name a folder with room as TMPDIR."
            ) from error
        raise StoreError(f"{source} cannot be read: {why}.") from error


def _states(path: Path) -> list[tuple[int, int] | None]:
    """Size and time of the file and of what lies beside it."""
    found: list[tuple[int, int] | None] = []
    for suffix in ("", "-journal", "-wal"):
        try:
            status = path.with_name(path.name + suffix).stat()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns))
    return found
