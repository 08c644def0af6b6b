"""The content digest: says whether two folders hold the same model."""

from __future__ import annotations

import hashlib
import os

from documents.manifest import Manifest
from documents.provenance import Provenance
from serving import storage

SAVED_MODEL = "saved_model.pb"
"""Without it a folder is no SavedModel, and no server can load it."""
PROVENANCE = Provenance.FILE
WARMUP = "assets.extra/tf_serving_warmup_requests"
"""Where TensorFlow Serving looks for requests to replay before a version becomes available."""
MANIFEST = Manifest.FILE

NOT_CONTENT = frozenset({PROVENANCE, WARMUP, MANIFEST})
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
    digest = hashlib.sha256()
    with storage.reading(path) as file:
        while chunk := file.read(storage.CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def combine(digests: dict[str, str]) -> str:
    """The content digest of a folder with these file digests, as `sha256sum` would list them."""
    lines = "".join(f"{digests[path]}  {path}\n" for path in sorted(digests))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
