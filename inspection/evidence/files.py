"""All files of an artifact, within the workspace only."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path

from inspection.files.stored_file import StoredFile, in_bucket, on_disk
from inspection.files.workspace import Workspace

MOST_FILES = 1000
LARGEST_SHOWN = 1 << 18
"""Bytes of a text on a page; the rest is in the file."""


@dataclasses.dataclass(frozen=True)
class File:
    """One file of an artifact."""

    path: str
    """Relative to the artifact's folder; the artifact's own name when it is a file itself. What is
    no UTF-8 in it is replaced."""
    bytes: int
    depth: int
    """How many folders of the artifact it lies in."""


@dataclasses.dataclass(frozen=True)
class Files:
    """What lies in an artifact."""

    files: tuple[File, ...]
    total: int
    """Their number with those that are not listed."""
    bytes: int


def list_files(workspace: Workspace, uri: str) -> Files | None:
    """The regular files behind a uri, sorted; None where there is nothing here."""
    bucket = workspace.bucket(uri)
    if bucket:
        objects = bucket.files(uri)
        if not objects:
            return None
        found = sorted((path, each.size) for path, each in objects.items())
    else:
        place = workspace.find(uri) if uri else None
        if place is None or place == workspace.root:
            return None
        found = sorted(_files(place))
    shown = tuple(File(as_text(path), size, path.count("/")) for path, size in found[:MOST_FILES])
    return Files(shown, len(found), sum(size for _, size in found))


def find_file(workspace: Workspace, uri: str, path: str) -> StoredFile | None:
    """The file of an artifact by its path as `File` has it; None when it is no regular file of
    it."""
    bucket = workspace.bucket(uri)
    if bucket:
        return next((each for each in in_bucket(bucket, uri) if each.path == path), None)
    place = workspace.find(uri) if uri else None
    if place is None or place == workspace.root or "\0" in path:
        return None
    if "\ufffd" in path:
        # Of a name that is no UTF-8 a browser sends back what it was shown.
        path = next((each for each, _ in sorted(_files(place)) if as_text(each) == path), path)
    wanted = place if place.is_file() and path == place.name else place / path
    try:
        inside = wanted.resolve().is_relative_to(place.resolve())
        if inside and wanted.is_file() and workspace.find(str(wanted)):
            return on_disk(wanted.parent, [wanted])[0]
    except (OSError, RuntimeError, ValueError):
        pass
    return None


def as_text(path: str) -> str:
    """A name of a file, which may hold any bytes, as something that can be written and sent."""
    return os.fsencode(path).decode("utf-8", "replace")


def read_text(file: StoredFile) -> str | None:
    """The beginning of a text, JSON laid out so that it can be read; None of anything else.

    Raises:
      OSError: the file cannot be read.
    """
    with file.open() as opened:
        content = opened.read(LARGEST_SHOWN + 1)
    cut = len(content) > LARGEST_SHOWN
    try:
        text = content[:LARGEST_SHOWN].decode("utf-8", "strict" if not cut else "ignore")
    except UnicodeDecodeError:
        return None
    if any(ord(character) < 32 and character not in "\t\n\r" for character in text):
        return None
    if file.name.endswith(".json") and not cut:
        try:
            return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
        except (ValueError, RecursionError):
            return text
    return text + ("\n…" if cut else "")


def _files(place: Path) -> Iterator[tuple[str, int]]:
    if place.is_file():
        yield place.name, place.stat().st_size
        return
    for folder, _, names in os.walk(place):
        for name in names:
            path = Path(folder, name)
            try:
                if not path.is_symlink() and path.is_file():
                    yield path.relative_to(place).as_posix(), path.stat().st_size
            except OSError:
                continue
