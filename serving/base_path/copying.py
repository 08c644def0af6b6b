"""Copies of SavedModels that are compared with their source, and what never shows half of one.

Object stores cannot rename a folder, so the order in which objects come and go has to do:
`saved_model.pb`, without which no server loads a version, comes after all other files and goes
before them. docs/decisions/object_stores.md says what servers see meanwhile.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping

from documents.manifest import Manifest
from documents.saved_model import SAVED_MODEL
from serving.base_path import storage
from serving.base_path.content import MANIFEST, file_digest, file_digests
from serving.base_path.errors import BasePathError
from serving.objects.store import ChangedError

Files = Mapping[str, bytes]
"""Content by path relative to the version's folder."""


class CopyError(BasePathError):
    """A copy differs from its source."""


def copy_whole(source: str, target: str, digests: Mapping[str, str], extra: Files) -> None:
    """Copies a SavedModel and reads the copy back.

    Args:
      source: folder of the SavedModel.
      target: may hold what an interrupted copy left; it is overwritten.
      digests: what `file_digests` said of `source`.
      extra: further files, or others instead of those in `source` that are not content. The
        manifest is one of these or left out: that of `source` tells of another copy.

    Raises:
      CopyError: a copy differs; what was written stays.
      OSError: a file cannot be read or written.
    """
    storage.copy(source, [path for path in storage.files(source) if path != MANIFEST], target)
    write(extra, target)
    check(source, target, digests)


def relocate(source: str, target: str) -> None:
    """Moves a SavedModel in an object store, where at each moment one of the two is complete.

    The manifest comes first and only where there is none, so that two can never mix their files in
    one folder; the store copies the rest; `saved_model.pb` comes last, again only where there is
    none. Done again after it was interrupted, it completes what is left to do.

    Raises:
      CopyError: another model is at `target`; `source` is as it was.
      OSError: a file cannot be read or written.
    """
    if storage.exists(os.path.join(source, SAVED_MODEL)):
        known = storage.read_document(Manifest, os.path.join(source, MANIFEST))
        manifest = known or Manifest(files=file_digests(source))
        _write_new(target, MANIFEST, manifest.encode())
        others = [path for path in storage.files(source) if path not in (SAVED_MODEL, MANIFEST)]
        storage.duplicate(source, others, target)
        with storage.reading(os.path.join(source, SAVED_MODEL)) as file:
            _write_new(target, SAVED_MODEL, file.read())
    discard(source)


def discard(folder: str) -> None:
    """Removes a SavedModel, in an object store in the order that never leaves half of one to load.

    Raises:
      OSError: it cannot be removed.
    """
    if storage.is_remote(folder):
        for path in (SAVED_MODEL, MANIFEST):
            if _holds(folder, path):
                storage.remove_file(os.path.join(folder, path))
    storage.remove(folder)


def write(contents: Files, target: str) -> None:
    """Writes files below `target`."""
    for path, content in contents.items():
        storage.write(os.path.join(target, path), io.BytesIO(content))


def check(source: str, target: str, digests: Mapping[str, str]) -> None:
    """Reads copies back; the source may have been changed meanwhile, or the disk be faulty.

    Args:
      digests: sha256 of each file, by its path below both folders.

    Raises:
      CopyError: a copy differs.
      OSError: a copy cannot be read.
    """
    for path in sorted(digests):
        if file_digest(os.path.join(target, path)) != digests[path]:
            raise CopyError(
                f"The copy of {path} differs from {os.path.join(source, path)}; make sure that "
                "nothing writes there, and run again."
            )


def _write_new(folder: str, path: str, content: bytes) -> None:
    address = os.path.join(folder, path)
    place = storage.place(address)
    try:
        place.write_new(io.BytesIO(content))
    except ChangedError as error:
        if place.read()[0] != content:
            raise CopyError(
                f"There is another {address} already, so nothing was moved there; "
                "`prune --leftovers 0` removes what a killed process left."
            ) from error


def _holds(folder: str, path: str) -> bool:
    return storage.exists(os.path.join(folder, path))
