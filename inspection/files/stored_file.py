"""A file behind the uri of an artifact, on this machine or in a bucket."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from documents.regular_file import open_regular
from inspection.files.bucket import Bucket


@dataclasses.dataclass(frozen=True)
class StoredFile:
    """One file; of those on this machine a regular one, or opening it fails."""

    path: str
    """Relative to the artifact's folder, with `/` between names."""
    place: str
    """Its whole path or address."""
    open: Callable[[], IO[bytes]]
    """Opens it to be read.

    Raises:
      OSError: it cannot be read, or is no file.
    """

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def on_disk(folder: Path, paths: Iterable[Path]) -> list[StoredFile]:
    """Files below a folder, sorted."""
    return [
        StoredFile(path.relative_to(folder).as_posix(), str(path), partial(_opened, path))
        for path in sorted(paths)
    ]


def in_bucket(bucket: Bucket, uri: str, pattern: str = "") -> list[StoredFile]:
    """Objects behind a uri, those whose paths match a pattern where one is given, sorted."""
    base, parts = uri.rstrip("/"), pattern.count("/")
    return [
        StoredFile(path, f"{base}/{path}", partial(bucket.open, found))
        for path, found in sorted(bucket.files(uri).items())
        if not pattern or (path.count("/") == parts and PurePosixPath(path).match(pattern))
    ]


def _opened(path: Path) -> IO[bytes]:
    return os.fdopen(open_regular(path, os.O_RDONLY), "rb")
