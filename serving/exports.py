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
from serving import storage
from serving.versions import WITHDRAWN

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


def withdraw(base_path: str, numbers: Iterable[int]) -> None:
    """Takes the variants of versions away from those who look for them, where there are any."""
    _rename(base_path, numbers, "", WITHDRAWN)


def restore(base_path: str, number: int) -> None:
    """Gives them back."""
    _rename(base_path, [number], WITHDRAWN, "")


def _rename(base_path: str, numbers: Iterable[int], before: str, now: str) -> None:
    if storage.is_remote(base_path):
        return
    place = storage.read_document(ExportsPlace, os.path.join(base_path, ExportsPlace.FILE))
    if place is None:
        return
    folder = os.path.normpath(os.path.join(os.path.realpath(base_path), place.folder))
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
