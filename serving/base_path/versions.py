"""Versions in a TF Serving base path: which there are, which one is live, and publishing one."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from documents.manifest import Manifest
from documents.provenance import Provenance
from documents.saved_model import SAVED_MODEL
from serving.base_path import journal, ledger, storage
from serving.base_path.content import MANIFEST, PROVENANCE, combine, content_digest, file_digests
from serving.base_path.copying import Files, copy_whole
from serving.base_path.errors import BasePathError, PublishError, describe
from serving.base_path.version_number import HIGHEST, names_by_number

T = TypeVar("T")

STAGING = ".staging-"
WITHDRAWN = ".withdrawn-"

_LOOKS = 4
"""Of which each needs another change to be disturbed."""

ExtraFiles = Files | Callable[[int], Files] | None
Check = Callable[[str, "Version | None"], None] | None


@dataclasses.dataclass(frozen=True, order=True)
class Version:
    """A complete version in a base path."""

    number: int
    path: str
    """Folder of the SavedModel, or its address in an object store."""


def list_versions(base_path: str | os.PathLike[str]) -> list[Version]:
    """The complete versions, lowest number first; none when the base path does not exist.

    Complete means a folder whose name is a number and that holds `saved_model.pb`. TensorFlow
    Serving itself checks nothing but the name, so it tries to load whatever another tool left half
    copied; here such a folder is no version. `publish` makes a folder appear with all its files at
    once or, in an object store, with `saved_model.pb` last. Of several folders with one number
    only the first of `names_by_number` counts.

    Raises:
      BasePathError: the base path is a file or cannot be read.
    """
    base = os.fspath(base_path)
    try:
        return [
            Version(number, os.path.join(base, name))
            for number, (name, *_) in numbered(base).items()
            if storage.exists(os.path.join(base, name, SAVED_MODEL))
        ]
    except OSError as error:
        raise BasePathError(describe(base, error)) from error


def live_version(base_path: str | os.PathLike[str]) -> Version | None:
    """The version that a model server serves by default: the highest that is complete.

    Raises:
      BasePathError: the base path is a file or cannot be read.
    """
    versions = list_versions(base_path)
    return versions[-1] if versions else None


def version_digest(version: Version) -> str:
    """Content digest of a version; in an object store from its manifest, which saves reading it.

    Raises:
      OSError: the version is gone (FileNotFoundError) or cannot be read.
    """
    if storage.is_remote(version.path):
        manifest = storage.read_document(Manifest, os.path.join(version.path, MANIFEST))
        if manifest is not None:
            return combine(manifest.files)
    return content_digest(version.path)


def undisturbed(look: Callable[[], T]) -> T:
    """What `look` finds in a base path; it looks again where a version goes while it reads.

    Raises:
      FileNotFoundError: something is gone each time, so that nobody has just moved it.
    """
    for _ in range(_LOOKS):
        with contextlib.suppress(FileNotFoundError):
            return look()
    return look()


def provenance_of(version_path: str | os.PathLike[str]) -> Provenance | None:
    """The provenance of a version; None when it has none, or something else in its place (which a
    warning tells)."""
    return storage.read_document(Provenance, os.path.join(os.fspath(version_path), PROVENANCE))


def publish(
    source: str | os.PathLike[str],
    base_path: str | os.PathLike[str],
    *,
    extra_files: ExtraFiles = None,
    version: int | None = None,
    check: Check = None,
) -> Version:
    """Copies a SavedModel into a base path as a new version: completely, or not at all.

    The copy is made in a hidden folder beside the versions, compared with the source by digest,
    and renamed; publishers take turns. Object stores cannot rename a folder: there the store
    copies the files, `saved_model.pb` last (`copying.relocate`).

    Args:
      source: folder of the SavedModel.
      base_path: created when missing.
      extra_files: written into the version, instead of files of the same name in `source`; or a
        function that makes them from the version number.
      version: None takes the time in unix seconds, or more where that is needed for the new
        version to become live, and to have a number that none had before, pruned or not.
      check: called with the content digest of what is published and the version that is live at
        that moment, while no other publisher can change that. Whatever it raises comes out, and
        nothing is published.

    Raises:
      PublishError: nothing was published, and what had been written was removed.
    """
    source, base = os.fspath(source), os.fspath(base_path)
    if not storage.exists(os.path.join(source, SAVED_MODEL)):
        raise PublishError(
            f"Cannot publish {source}: it holds no {SAVED_MODEL}; export a SavedModel there first."
        )
    try:
        if not storage.is_remote(base):
            os.makedirs(base, exist_ok=True)
        with journal.turn(base):
            return _publish(source, base, extra_files, version, check)
    except BasePathError as error:
        raise PublishError(*error.args) from error
    except OSError as error:
        raise PublishError(describe(base, error)) from error


def numbered(base: str, prefix: str = "") -> dict[int, list[str]]:
    """The entries called `prefix` and a number, complete or not, as `names_by_number` sorts them.

    Without a prefix these are what a model server takes for versions.
    """
    try:
        names = storage.children(base)
    except FileNotFoundError:
        return {}
    found = names_by_number(name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return {number: [prefix + name for name in same] for number, same in found.items()}


def _publish(
    source: str, base: str, extra_files: ExtraFiles, version: int | None, check: Check
) -> Version:
    # Only the holder of the lock stages, so what is found here was left by a process that died.
    for name in storage.children(base):
        if name.startswith(STAGING):
            storage.remove(os.path.join(base, name))
    number = _free_number(base, version)
    # Model servers only look at names that are numbers.
    staged = f"{STAGING}{number}-{secrets.token_hex(4)}"
    staging = os.path.join(base, staged)
    digests = file_digests(source)
    extra = _extra(extra_files, number)
    try:
        if storage.is_remote(base):
            extra = {**extra, MANIFEST: Manifest(files=digests).encode()}
        copy_whole(source, staging, digests, extra)
        if not storage.is_remote(base):
            storage.sync_folders(staging)
        live = live_version(base)
        if check:
            check(combine(digests), live)
        entry = _entry(number, combine(digests), live)
        journal.carry_out(base, entry, [(staged, str(number))])
    finally:
        storage.remove(staging)
    return Version(number, os.path.join(base, str(number)))


def _entry(number: int, digest: str, live: Version | None) -> ledger.Entry:
    live_before = live.number if live else None
    return ledger.Entry(
        time=ledger.now(),
        action="publish",
        version=number,
        live_before=live_before,
        live_after=max(number, live_before or 0),
        content_digest=digest,
    )


def _free_number(base: str, wanted: int | None) -> int:
    taken = {number for prefix in ("", WITHDRAWN) for number in numbered(base, prefix)}
    if wanted is None:
        # Not that of a pruned one either, also where a clock was put back: by its number a model
        # server knows what it has loaded. The highest of all would leave none.
        used = taken | (ledger.published(base) - {HIGHEST})
        # A clock may stand before 1970; 0 and less are versions, but nobody expects them.
        number = max([1, int(time.time()), *(number + 1 for number in used)])
        if number > HIGHEST:
            raise PublishError(
                f"Base path {base} holds version {HIGHEST}, and model servers know no higher "
                "number; move that version's folder out of the base path."
            )
        return number
    if not 0 <= wanted <= HIGHEST:
        raise PublishError(
            f"Cannot publish as version {wanted}: model servers know versions 0 to {HIGHEST}; "
            "choose one of these, or none to have it chosen."
        )
    if wanted in taken:
        raise PublishError(
            f"Base path {base} already has a version {wanted}; publish under another number."
        )
    return wanted


def _extra(extra_files: ExtraFiles, number: int) -> Files:
    return (extra_files(number) if callable(extra_files) else extra_files) or {}
