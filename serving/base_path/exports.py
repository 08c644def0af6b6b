"""Published variants follow their version: withdrawn with it, and restored with it.

As versions do, they stay under another name: `ROOT/exports/MODEL/.withdrawn-7`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable

from documents.exports_place import ExportsPlace
from documents.shown import shown
from documents.variants import Variants
from serving.base_path import storage
from serving.base_path.versions import WITHDRAWN

_log = logging.getLogger("progress")


def note(base_path: str, folder: str) -> None:
    """Writes down in a base path of this machine where the variants of its versions are.

    Raises:
      OSError: it cannot be written.
    """
    if not storage.is_remote(base_path):
        place = os.path.relpath(os.path.realpath(folder), os.path.realpath(base_path))
        path = os.path.join(base_path, ExportsPlace.FILE)
        storage.write_document(ExportsPlace(folder=place), path)


def follow(base_path: str, offered: Iterable[int], withdrawn: Iterable[int]) -> None:
    """Takes the variants of withdrawn versions away from those who look for them, and gives those
    of offered ones back.

    It is asked before each change of a base path as well: who was killed after a version was
    withdrawn, and before its variants were, leaves that to the next one.
    """
    if storage.is_remote(base_path):
        return
    place = storage.read_document(ExportsPlace, os.path.join(base_path, ExportsPlace.FILE))
    if place is None:
        return
    folder = os.path.normpath(os.path.join(os.path.realpath(base_path), place.folder))
    _rename(folder, withdrawn, "", WITHDRAWN)
    _rename(folder, offered, WITHDRAWN, "")


def _rename(folder: str, numbers: Iterable[int], before: str, now: str) -> None:
    for number in numbers:
        path, target = (os.path.join(folder, f"{prefix}{number}") for prefix in (before, now))
        if not os.path.isfile(os.path.join(path, Variants.FILE)):
            continue
        try:
            os.rename(path, target)
        except OSError as error:
            # The version is what model servers see, and its change is made.
            _log.warning(
                "The variants in %s cannot be renamed to %s (%s); do it yourself.",
                *(shown(path), shown(target), error.strerror or error),
            )
