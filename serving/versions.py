"""Versions in a TF Serving base path: which there are, which one is live, and publishing one."""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import filelock

from serving import storage
from serving.base_path import BasePathError, PublishError, describe
from serving.content import (
    MANIFEST,
    PROVENANCE,
    combine,
    content_digest,
    file_digest,
    file_digests,
)

SAVED_MODEL = "saved_model.pb"
LEDGER = ".ledger.jsonl"
LOCK = ".publish.lock"
LOCK_SECONDS = 600.0
"""How long a publisher waits for another one; a large model on a slow disk takes minutes."""
STAGING = ".staging-"
LARGEST_NUMBER = 2**63 - 1
"""TensorFlow Serving reads a version number as an int64 and ignores names that do not fit."""

Files = Mapping[str, bytes]
"""Content by path relative to the version's folder."""
ExtraFiles = Files | Callable[[int], Files] | None


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
    once or, in an object store, writes `saved_model.pb` last.

    Raises:
      BasePathError: the base path is a file or cannot be read.
    """
    base = os.fspath(base_path)
    try:
        return [
            Version(number, os.path.join(base, name))
            for number, name in sorted(_numbered(base))
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
        manifest = _read_json(os.path.join(version.path, MANIFEST))
        if manifest is not None:
            return combine(manifest["files"])
    return content_digest(version.path)


def read_provenance(version_path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """The provenance document of a version; None when it has none, or a damaged one (logged)."""
    return _read_json(os.path.join(os.fspath(version_path), PROVENANCE))


def publish(
    source: str | os.PathLike[str],
    base_path: str | os.PathLike[str],
    *,
    extra_files: ExtraFiles = None,
    version: int | None = None,
) -> Version:
    """Copies a SavedModel into a base path as a new version: completely, or not at all.

    On this machine the copy is made in a hidden folder beside the versions, forced to the disk,
    compared with the source by digest, and renamed; publishers take turns. Object stores cannot
    rename a folder: there `saved_model.pb` is written after all other files were compared, then a
    manifest, and the caller must see to it that nobody else publishes at the same moment.

    Args:
      source: folder of the SavedModel.
      base_path: created when missing.
      extra_files: written into the version, instead of files of the same name in `source`; or a
        function that makes them from the version number.
      version: None takes the time in unix seconds, or more where that is needed for the new
        version to become live.

    Raises:
      PublishError: nothing was published, and what had been written was removed.
    """
    source, base = os.fspath(source), os.fspath(base_path)
    if not storage.exists(os.path.join(source, SAVED_MODEL)):
        raise PublishError(
            f"Cannot publish {source}: it holds no {SAVED_MODEL}; export a SavedModel there first."
        )
    try:
        if storage.is_remote(base):
            return _publish_by_order(source, base, extra_files, version)
        os.makedirs(base, exist_ok=True)
        with filelock.FileLock(os.path.join(base, LOCK), timeout=LOCK_SECONDS):
            return _publish_by_rename(source, base, extra_files, version)
    except PublishError:
        raise
    except OSError as error:
        raise PublishError(describe(base, error)) from error


def _publish_by_rename(
    source: str, base: str, extra_files: ExtraFiles, version: int | None
) -> Version:
    # Only the holder of the lock stages, so what is found here was left by a process that died.
    for name in os.listdir(base):
        if name.startswith(STAGING):
            storage.remove(os.path.join(base, name))
    number = _free_number(base, version)
    # Model servers only look at names that are numbers.
    staging = os.path.join(base, f"{STAGING}{number}-{secrets.token_hex(4)}")
    target = os.path.join(base, str(number))
    digests = file_digests(source)
    extra = _extra(extra_files, number)
    try:
        storage.copy(source, storage.files(source), staging)
        _write(extra, staging)
        _check(source, digests, staging)
        storage.sync_folders(staging)
        os.rename(staging, target)
    finally:
        storage.remove(staging)
    storage.sync_folder(base)
    _record(base, action="publish", version=number, content_digest=combine(digests))
    return Version(number, target)


def _publish_by_order(
    source: str, base: str, extra_files: ExtraFiles, version: int | None
) -> Version:
    number = _free_number(base, version)
    target = os.path.join(base, str(number))
    digests = file_digests(source)
    extra = _extra(extra_files, number)
    others = [path for path in storage.files(source) if path != SAVED_MODEL]
    try:
        storage.copy(source, others, target)
        _write(extra, target)
        _check(source, {path: digests[path] for path in others if path in digests}, target)
        storage.copy(source, [SAVED_MODEL], target)
        _check(source, {SAVED_MODEL: digests[SAVED_MODEL]}, target)
        _write({MANIFEST: json.dumps({"files": digests}).encode()}, target)
    except BaseException:
        storage.remove(target)
        raise
    return Version(number, target)


def _numbered(base: str) -> Iterator[tuple[int, str]]:
    """Number and name of every entry that a model server takes for a version, complete or not."""
    try:
        names = storage.children(base)
    except FileNotFoundError:
        return
    for name in names:
        if re.fullmatch("[0-9]+", name) and int(name) <= LARGEST_NUMBER:
            yield int(name), name


def _free_number(base: str, wanted: int | None) -> int:
    taken = {number for number, _ in _numbered(base)}
    if wanted is None:
        return max([int(time.time()), *(number + 1 for number in taken)])
    if wanted in taken:
        raise PublishError(
            f"Base path {base} already has a version {wanted}; publish under another number."
        )
    return wanted


def _extra(extra_files: ExtraFiles, number: int) -> Files:
    return (extra_files(number) if callable(extra_files) else extra_files) or {}


def _write(contents: Files, target: str) -> None:
    for path, content in contents.items():
        storage.write(os.path.join(target, path), io.BytesIO(content))


def _check(source: str, digests: Mapping[str, str], target: str) -> None:
    """Reads the copies back; the source may have been changed meanwhile, or the disk be faulty."""
    for path, digest in digests.items():
        if file_digest(os.path.join(target, path)) != digest:
            raise PublishError(
                f"The copy of {path} differs from {os.path.join(source, path)}; make sure that "
                "nothing writes there, and run again."
            )


def _record(base: str, **entry: Any) -> None:
    """Adds a line to the ledger, the history of a base path for those without its metadata."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    try:
        with open(os.path.join(base, LEDGER), "a") as file:
            file.write(json.dumps({"time": now, **entry}) + "\n")
    except OSError as error:
        # The version is live by now, so failing here would tell a falsehood.
        logging.getLogger(__name__).warning("No line in the ledger: %s", describe(base, error))


def _read_json(path: str) -> Any:
    try:
        with storage.reading(path) as file:
            return json.loads(file.read())
    except FileNotFoundError:
        return None
    except ValueError as error:
        logging.getLogger(__name__).warning("Passing over %s, not valid JSON: %s", path, error)
        return None
