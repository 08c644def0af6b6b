"""Local copies of artifacts, each fetched once and used for as long as its digest is the one."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.local.nodes.contents import Contents, Damage, DamagedArtifactError
from pipeline.local.nodes.staging.transfer import fetch, store
from serving.base_path import storage

_UNFINISHED = ".unfinished"
"""What has not arrived, and what an executor needs while it works; not its outputs."""


class Copies:
    """Below one folder, which belongs to the run that holds the lock of ROOT.

    They stay for the next run. Threads may share them.
    """

    def __init__(self, folder: Path, contents: Contents) -> None:
        """Removes what a killed run has left unfinished.

        Args:
          folder: is made when there is a first copy.
          contents: knows the digests of what was read before.
        """
        self._folder, self._contents = folder, contents
        self._fetched: set[str] = set()
        self._locks: dict[str, threading.Lock] = {}
        storage.remove(str(folder / _UNFINISHED))

    def path(self, uri: str) -> str:
        """Where the copy is of what lies at an address, whether there is one or not."""
        scheme, _, key = uri.rstrip("/").partition("://")
        return str(self._folder / scheme / key)

    def get(self, uri: str, recorded: str) -> str:
        """The path of a copy that is what was written.

        Args:
          uri: of the artifact.
          recorded: digest of its files (`contents.PROPERTY`); empty where nobody knows, so that it
            is fetched once in each run.

        Raises:
          pipeline.local.nodes.staging.transfer.TransferError: the store does not give it.
          DamagedArtifactError: it gives other files than were written.
          OSError: this machine cannot take it.
        """
        path = self.path(uri)
        with self._lock(uri):
            if not self._is_good(uri, recorded):
                fetch(uri, path, str(self._folder / _UNFINISHED))
                self._fetched.add(uri)
                if damage := self._contents.damage(path, recorded):
                    storage.remove(path)
                    raise DamagedArtifactError(
                        f"While it was fetched, {Damage(uri, damage.node, damage.changes)}; run the"
                        f" same command again, which runs {damage.node} anew."
                    )
        return path

    def _is_good(self, uri: str, recorded: str) -> bool:
        path = self.path(uri)
        if not os.path.exists(path):
            return False
        return self._contents.damage(path, recorded) is None if recorded else uri in self._fetched

    def at_hand(self, uri: str, recorded: str) -> str | None:
        """As `get`, where nothing need be fetched; else None."""
        with self._lock(uri):
            return self.path(uri) if self._is_good(uri, recorded) else None

    def _lock(self, uri: str) -> threading.Lock:
        return self._locks.setdefault(uri, threading.Lock())

    def make(self, uri: str) -> str:
        """Where an executor writes what will be stored at `uri`; nothing is there."""
        path = self.path(uri)
        storage.remove(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def store(self, uri: str) -> None:
        """Puts what was written to `make(uri)` to the store; it stays here as a copy.

        Raises:
          pipeline.local.nodes.staging.transfer.TransferError: the store does not take it.
          OSError: it cannot be read.
        """
        store(self.path(uri), uri)
        self._fetched.add(uri)

    def drop(self, uri: str) -> None:
        """Removes the copy; not what it is a copy of."""
        storage.remove(self.path(uri))

    def keep(self, uris: Collection[str]) -> None:
        """Removes all copies but those of these artifacts."""
        kept = {Path(self.path(uri)) for uri in uris}
        if self._folder.is_dir():
            _prune(self._folder, kept)

    @contextlib.contextmanager
    def working_folder(self) -> Iterator[str]:
        """An empty folder, for as long as an executor works."""
        parent = self._folder / _UNFINISHED
        parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(dir=parent)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _prune(folder: Path, kept: Collection[Path]) -> None:
    for child in folder.iterdir():
        if child in kept:
            continue
        if any(path.is_relative_to(child) for path in kept):
            _prune(child, kept)
        else:
            storage.remove(str(child))
