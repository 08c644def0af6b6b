"""sha256 of files and folders, as `sha256sum` prints it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import IO, Any, Protocol

from documents.regular_file import regular_file

_CHUNK = 1 << 20


class Opening(Protocol):
    """Opens the file at a path or address to read its bytes, or raises OSError."""

    def __call__(self, path: Any) -> AbstractContextManager[IO[bytes]]: ...


def file_digest(path: str | os.PathLike[str], opening: Opening = regular_file) -> str:
    """Hex sha256 of one file.

    Args:
      path: of the file, or its address where `opening` knows addresses.
      opening: opens it; by default a regular file on this machine.
    """
    digest = hashlib.sha256()
    with opening(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def listing(digests: Mapping[str, str]) -> str:
    """One `<sha256>  <path>` line for each file, sorted by path.

    Args:
      digests: hex sha256 by relative path.
    """
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))


def listing_digest(digests: Mapping[str, str]) -> str:
    """Hex sha256 of that listing: equal for folders of equal files."""
    # A name that is no UTF-8 stands there as the bytes that it is.
    return hashlib.sha256(listing(digests).encode(errors="surrogateescape")).hexdigest()
