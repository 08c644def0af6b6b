"""Content-addressed cache of unpacked modules, and the digests of files and folders.

Layout: <root>/<sha256>/module/ is the SavedModel and <root>/<sha256>/SHA256SUMS lists its files as
`sha256sum` prints them. An entry appears complete, by one rename, or not at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from documents.digest import file_digest, listing
from documents.regular_file import NotRegularError, regular_file

_MODULE = "module"
_MANIFEST = "SHA256SUMS"
_INCOMING = ".incoming-"
_STALE_SECONDS = 24 * 60 * 60

logger = logging.getLogger(__name__)


class ContentError(ValueError):
    """A folder holds something no digest can describe. The text is the end of a sentence."""


@dataclass(frozen=True)
class ModuleCache:
    """Modules under `root`, each found by the sha256 of what it was fetched as."""

    root: Path

    def find(self, sha256: str) -> Path | None:
        """The module's folder, or None when it is missing or no longer as it was added.

        Every file is read again: temporary-file cleaners, full disks and careless hands are what
        damages caches, and TensorFlow loads altered weights without a word.
        """
        entry = self.root / sha256
        if not entry.is_dir():
            return None
        try:
            with regular_file(entry / _MANIFEST) as file:
                if manifest(entry / _MODULE).encode() == file.read():
                    return entry / _MODULE
        except (FileNotFoundError, NotADirectoryError, NotRegularError, ContentError):
            pass  # an entry with a part missing is a damaged one
        logger.warning("cached module %s was changed or cut short: it is fetched again", entry)
        return None

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A temporary folder on the cache's own file system, removed whatever happens."""
        self.root.mkdir(parents=True, exist_ok=True)
        for left in self.root.glob(f"{_INCOMING}*"):  # by processes killed while fetching
            with suppress(FileNotFoundError):  # another process may be clearing up as well
                if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_INCOMING, dir=self.root) as folder:
            yield Path(folder)

    def add(self, module: Path, sha256: str) -> Path:
        """Move `module`, a folder inside an incoming() one, into the cache; returns its new path.

        When another process added the same digest first, its entry is kept and returned.
        """
        entry = module.parent / "entry"
        entry.mkdir()
        module.rename(entry / _MODULE)
        (entry / _MANIFEST).write_bytes(manifest(entry / _MODULE).encode())
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.find(sha256) is None:
                if (self.root / sha256).exists():  # damaged: goes away with the incoming folder
                    (self.root / sha256).rename(entry.with_name("damaged"))
                entry.rename(self.root / sha256)
        return self.root / sha256 / _MODULE


def content_digest(folder: Path) -> str:
    """The sha256 of `folder`'s manifest: of the paths and bytes in it, and of nothing else."""
    return hashlib.sha256(manifest(folder).encode()).hexdigest()


def manifest(folder: Path) -> str:
    """One `<sha256>  <path>` line for each file below `folder`, sorted by path.

    Raises ContentError for links and other special files, which TensorFlow would follow out of what
    the digest covers, and for names that could not be told apart on a line.
    """
    digests: dict[str, str] = {}
    for parent, folders, files in os.walk(folder, onerror=_raise):
        for name in folders + files:
            path = Path(parent, name)
            relative = path.relative_to(folder).as_posix()
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or not relative.isprintable():
                raise ContentError(
                    f"holds {relative!r}, which is no plain file: copy what it stands for"
                )
            if stat.S_ISREG(mode):
                digests[relative] = file_digest(path)
    return listing(digests)


def _raise(error: OSError) -> None:
    # os.walk skips what it cannot list unless told otherwise; a digest must not.
    raise error
