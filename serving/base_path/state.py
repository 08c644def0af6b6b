"""What a base path holds now: versions that are offered, and those that were withdrawn."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from documents.saved_model import SAVED_MODEL
from serving.base_path import storage
from serving.base_path.changes import ChangeError, State
from serving.base_path.content import MANIFEST
from serving.base_path.errors import BasePathError, describe
from serving.base_path.versions import (
    WITHDRAWN,
    Version,
    list_versions,
    numbered,
    provenance_of,
)

Base = str | os.PathLike[str]


def list_withdrawn(base_path: Base) -> list[Version]:
    """The versions that were withdrawn and can be restored, lowest number first.

    Raises:
      BasePathError: the base path is a file or cannot be read.
    """
    base = os.fspath(base_path)
    offered = {version.number for version in list_versions(base)}
    with described(base):
        return [
            Version(number, os.path.join(base, name))
            for number, (name, *_) in numbered(base, WITHDRAWN).items()
            if number not in offered and _is_whole(os.path.join(base, name))
        ]


def read_state(base_path: Base) -> State:
    """What a base path holds now.

    Raises:
      BasePathError: the base path is a file or cannot be read.
    """
    base = os.fspath(base_path)
    versions = list_versions(base)
    numbers = tuple(version.number for version in versions)
    live = versions[-1] if versions else None
    provenance = provenance_of(live.path) if live else None
    with described(base):
        entries, withdrawn = numbered(base), numbered(base, WITHDRAWN)
    return State(
        base,
        numbers,
        tuple(version.number for version in list_withdrawn(base)),
        tuple(number for number in entries if number not in numbers),
        provenance.baseline.version if provenance and provenance.baseline else None,
        {
            number: names
            for found in (withdrawn, entries)
            for number, names in found.items()
            if len(names) > 1
        },
    )


def _is_whole(folder: str) -> bool:
    """Whether a withdrawn version is complete; in an object store the manifest comes last."""
    last = MANIFEST if storage.is_remote(folder) else SAVED_MODEL
    return all(storage.exists(os.path.join(folder, path)) for path in (SAVED_MODEL, last))


@contextlib.contextmanager
def described(base: str) -> Iterator[None]:
    """Has an error that is met in a base path said in one sentence.

    Raises:
      ChangeError: instead of an OSError that is no BasePathError.
    """
    try:
        yield
    except BasePathError:
        raise
    except OSError as error:
        raise ChangeError(describe(base, error)) from error
