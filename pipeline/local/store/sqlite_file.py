"""Whether the metadata store of a run is one: ML Metadata opens any file and says so in SQL."""

from __future__ import annotations

import contextlib
import sqlite3
import urllib.parse
from pathlib import Path

SCHEMA_VERSION = 10
"""Of the databases that the ml-metadata of both lanes writes; it refuses any other one."""

_PATIENCE = 2.0
"""Seconds for which another program may hold the file."""


class StoreError(RuntimeError):
    """The file is no metadata store that this run can use; the message says what mends it."""


def check_store(path: Path) -> None:
    """Returns when a run can use the store, or make it. The caller holds the run lock.

    Raises:
      StoreError: the file is damaged, of another program, or of another release of ML Metadata.
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    away = "move it away together with the artifacts beside it, or choose another --root"
    try:
        # Closing is not what the context manager of a connection does.
        with contextlib.closing(_connect(path)) as connection:
            [[found]] = connection.execute("PRAGMA quick_check(1)").fetchall()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            tables = {
                name
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type='table'"
                )
            }
            versions = (
                connection.execute("SELECT schema_version FROM MLMDEnv").fetchall()
                if "MLMDEnv" in tables
                else []
            )
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"The metadata store {path} cannot be read ({error}); close what else uses it and run "
            "again."
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"The metadata store {path} is damaged ({error}): restore a copy of it, or {away}."
        ) from error
    if not versions:
        raise StoreError(f"{path} holds no ML Metadata but something else: {away}.")
    for (version,) in versions:
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"The metadata store {path} was written by another release of ML Metadata (its "
                f"schema has version {version}, here it is {SCHEMA_VERSION}): {away}."
            )


def _connect(path: Path) -> sqlite3.Connection:
    # Not read-only: SQLite has to undo what a run was writing when it was killed.
    address = f"file:{urllib.parse.quote(str(path))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=_PATIENCE)
