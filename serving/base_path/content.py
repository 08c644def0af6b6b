"""The content digest: says whether two folders hold the same model."""

from __future__ import annotations

import os

from documents import digest
from documents.manifest import Manifest
from documents.provenance import Provenance
from documents.saved_model import WARM_UP
from serving.base_path import storage

PROVENANCE = Provenance.FILE
MANIFEST = Manifest.FILE

NOT_CONTENT = frozenset({PROVENANCE, WARM_UP, MANIFEST})
"""Written when a model is published; they say nothing about what it computes."""


def content_digest(folder: str | os.PathLike[str]) -> str:
    """`sha256:…` over the sorted relative paths and the bytes of a SavedModel's files.

    Empty folders do not count, and neither does what publishing adds (`NOT_CONTENT`).
    docs/base_path.md has a shell command that prints the same.

    Raises:
      OSError: the folder is missing or cannot be read.
    """
    return combine(file_digests(folder))


def file_digests(folder: str | os.PathLike[str]) -> dict[str, str]:
    """Hex sha256 of each file that is content, by relative path.

    Raises:
      OSError: the folder is missing or cannot be read.
    """
    root = os.fspath(folder)
    return {
        path: file_digest(os.path.join(root, path))
        for path in storage.files(root)
        if path not in NOT_CONTENT
    }


def file_digest(path: str) -> str:
    """Hex sha256 of one file."""
    return digest.file_digest(path, storage.reading)


def combine(digests: dict[str, str]) -> str:
    """The content digest of a folder with these file digests, as `sha256sum` would list them."""
    return f"sha256:{digest.listing_digest(digests)}"
