"""ROOT as the command line names it, and whether a run can use what lies in it and beside it."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from documents.settings.section import short
from documents.workspace import Workspace
from pipeline.files.paths import (
    ARTIFACTS,
    LONGEST_PATH,
    absolute,
    is_staged,
    local_path,
    refuse_patterns,
    refuse_undecodable,
)
from pipeline.settings import SettingsError
from serving.base_path import storage

FREE_MEGABYTES = 500
"""Room that a run with the default settings needs for artifacts and checkpoints, rounded up."""

ROOM = 400
"""Bytes that a path below ROOT takes at most, with the names of temporary files."""


def find_root(given: str | os.PathLike[str]) -> Path:
    """The folder that `--root` names, absolute; nothing is made.

    Raises:
      SettingsError: no run can have its artifacts there.
    """
    text = os.fspath(given)
    try:
        root = local_path(text)
        refuse_patterns(root, ARTIFACTS)
        root = absolute(root)
        refuse_undecodable(root)
        size = len(os.fsencode(root))
        if size > LONGEST_PATH - ROOM:
            raise ValueError(
                f"it is {size} bytes long, and with what a run makes below it a path has "
                f"{LONGEST_PATH} at most"
            )
    except ValueError as error:
        mend = "choose another folder"
        if "://" in text:
            mend += ", and name the object store with the setting `pipeline_root`"
        raise SettingsError(f"--root {short(text, 300)} is refused: {error}; {mend}.") from error
    return root


def check_root(workspace: Workspace) -> None:
    """Makes ROOT and checks that a run can write to it, and to what is there from earlier ones.

    Raises:
      SettingsError: something in it is of the wrong kind or cannot be written, or it is full.
    """
    check_writable(workspace.root, "--root")
    free = shutil.disk_usage(workspace.root).free // 2**20
    if free < FREE_MEGABYTES:
        raise SettingsError(
            f"--root {workspace.root} has {free} MB free, a run needs {FREE_MEGABYTES}; make room "
            "or choose another folder."
        )
    for folder in workspace.folders:
        _check_kind(folder, is_folder=True)
    for file in workspace.files:
        _check_kind(file, is_folder=False)


def check_pipeline_root(address: str, copies: Path) -> None:
    """Proves that an object can be written below `address`, read and removed.

    Args:
      address: of the artifacts.
      copies: folder of those that executors cannot use where they are.

    Raises:
      SettingsError: it cannot, or a copy would have too long a path.
    """
    size = len(os.fsencode(f"{copies}/{address}"))
    if is_staged(address) and size > LONGEST_PATH - ROOM:
        raise SettingsError(
            f"Setting `pipeline_root` = {short(address, 300)} is refused: nodes work on copies in "
            f"{short(copies, 300)}, where it takes {size} bytes, and with what a run makes below "
            f"it a path has {LONGEST_PATH} at most; choose another folder with --root."
        )
    path, content = f"{address}/.trial-{secrets.token_hex(4)}", b"can this be written?"
    try:
        storage.write(path, io.BytesIO(content))
        with storage.reading(path) as file:
            if file.read() != content:
                raise OSError("it holds something else than was written")
        storage.remove_file(path)
    except OSError as error:
        raise SettingsError(
            f"Setting `pipeline_root` = {short(address, 300)} cannot be used:"
            f" {error.strerror or error}."
        ) from error


def check_writable(folder: Path, setting: str) -> None:
    """Creates `folder` if need be and proves that a file can be written into it.

    Raises:
      SettingsError: it cannot; the message begins with `setting`, which names the folder.
    """
    name = f"{setting} {short(folder, 300)}"
    try:
        for place in (folder, *folder.parents):
            if os.path.lexists(place):
                if not place.is_dir():
                    kind = "a file" if place.exists() else "a broken link"
                    raise SettingsError(f"{name}: {short(place, 300)} is {kind}, not a folder.")
                break
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, probe = tempfile.mkstemp(prefix=".probe-", dir=folder)
    except OSError as error:
        raise SettingsError(
            f"{name} cannot be written: {error.strerror}; choose another folder or mend its "
            "permissions."
        ) from error
    os.close(descriptor)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(probe)


def _check_kind(place: Path, *, is_folder: bool) -> None:
    if not os.path.lexists(place):
        return
    wanted = "a folder" if is_folder else "a file"
    if not (place.is_dir() if is_folder else place.is_file()):
        raise SettingsError(
            f"{place} must be {wanted} of the runs in --root, and is another thing; move it away, "
            "or choose another folder with --root."
        )
    if not os.access(place, os.W_OK | os.X_OK if is_folder else os.W_OK):
        raise SettingsError(
            f"{place} cannot be written; mend its permissions (chmod u+w), or choose another "
            "folder with --root."
        )
