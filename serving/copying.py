"""Copies of SavedModels that are compared with their source, and what never shows half of one.

Object stores cannot rename a folder, so the order in which objects come and go has to do:
`saved_model.pb`, without which no server loads a version, comes after all other files and goes
before them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping

from documents.manifest import Manifest
from documents.saved_model import SAVED_MODEL
from serving import storage
from serving.base_path import BasePathError
from serving.content import MANIFEST, NOT_CONTENT, file_digest, file_digests

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
      extra: further files, or others instead of those in `source` that are not content.

    Raises:
      CopyError: a copy differs; what was written stays.
      OSError: a file cannot be read or written.
    """
    storage.copy(source, storage.files(source), target)
    write(extra, target)
    check(source, target, digests)


def copy_in_order(source: str, target: str, digests: Mapping[str, str], extra: Files) -> None:
    """As `copy_whole`, but as object stores need it: `saved_model.pb` late, a manifest last.

    The manifest says that the copy is complete, and what it holds, so that nobody has to read all
    of it to know.
    """
    others = [path for path in storage.files(source) if path not in (SAVED_MODEL, MANIFEST)]
    storage.copy(source, others, target)
    write(extra, target)
    check(source, target, {path: digests[path] for path in others if path in digests})
    storage.copy(source, [SAVED_MODEL], target)
    check(source, target, {SAVED_MODEL: digests[SAVED_MODEL]})
    write({MANIFEST: Manifest(files=dict(digests)).encode()}, target)


def relocate(source: str, target: str) -> None:
    """Moves a SavedModel in an object store, where at each moment one of the two is complete.

    Done again after it was interrupted, it completes what is left to do.

    Raises:
      CopyError: the copy differs; `source` is as it was.
      OSError: a file cannot be read or written.
    """
    if storage.exists(os.path.join(source, SAVED_MODEL)):
        copy_in_order(source, target, file_digests(source), extra={})
        beside = [path for path in NOT_CONTENT - {MANIFEST} if _holds(source, path)]
        check(source, target, {path: file_digest(os.path.join(source, path)) for path in beside})
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
    """Reads copies back; the source may have been changed meanwhile, or the disk be faulty."""
    for path in sorted(digests):
        if file_digest(os.path.join(target, path)) != digests[path]:
            raise CopyError(
                f"The copy of {path} differs from {os.path.join(source, path)}; make sure that "
                "nothing writes there, and run again."
            )


def _holds(folder: str, path: str) -> bool:
    return storage.exists(os.path.join(folder, path))
