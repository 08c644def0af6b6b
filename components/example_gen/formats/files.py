"""Files on this machine and elsewhere: listed, opened and walked. Without TensorFlow for paths.

Only `*` and `?` are wildcards, so a folder called `photos [1]` is that folder.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

from components.example_gen.spans import has_spans
from documents.regular_file import regular_file

LITTER = frozenset(
    {"__MACOSX", "Icon\r", "Thumbs.db", "desktop.ini", "@eaDir", "#recycle", "$RECYCLE.BIN"}
    | {"System Volume Information", "lost+found"}
)
"""What systems leave in folders, disks and archives, beside hidden names such as
`.ipynb_checkpoints`."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file below a folder."""

    path: str
    problem: str | None = None
    """Why it may not be read: the end of a sentence."""


def is_local(path: str) -> bool:
    """Whether `path` is one of this machine, and no address."""
    return "://" not in path


def find(base: str, pattern: str) -> list[str]:
    """Files and folders that fit `pattern` below `base`, in whose own name nothing is a wildcard.

    Hidden ones do not fit a wildcard.
    """
    if is_local(base):
        import glob

        literal = pattern.replace("[", "[[]")
        return sorted(glob.glob(os.path.join(glob.escape(base), literal)))
    from components.example_gen import inputs

    return sorted(inputs.files(base, pattern.replace("[", "[[]")))


def is_folder(path: str) -> bool:
    """Whether it is one, on any file system."""
    return os.path.isdir(path) if is_local(path) else _remote().isdir(path)


def opened(path: str) -> AbstractContextManager[IO[bytes]]:
    """A file to read bytes from; OSError where it is none."""
    return regular_file(path) if is_local(path) else _remote().open(path, "rb")


def size(path: str) -> int:
    """Bytes of a file."""
    if is_local(path):
        return os.path.getsize(path)
    with _remote().open(path, "rb") as file:
        return int(file.size())


def is_litter(name: str) -> bool:
    """Whether no person put a file or folder of that name there; buckets list folders as `a/`."""
    return name.startswith(".") or name.rstrip("/") in LITTER


def walk(folder: str, suffixes: tuple[str, ...] = ()) -> Iterator[Entry]:
    """Every file below `folder`, sorted, without litter. Links that leave it have a problem.

    Args:
      suffixes: what files end in that may have companions, which are left out.
    """
    if is_local(folder):
        yield from _walk(folder, os.path.realpath(folder), suffixes)
        return
    for parent, folders, names in _remote().walk(folder):
        folders[:] = sorted(name for name in folders if not is_litter(name))
        others = companions(names, suffixes)
        for name in sorted(names):
            if not is_litter(name) and name not in others:
                yield Entry(os.path.join(parent, name))


def companions(names: Collection[str], suffixes: tuple[str, ...]) -> set[str]:
    """Of the names of files in a folder those that are called as one of `suffixes` beside them, but
    for their ending: what a camera, a program or a download adds to a photo, such as `IMG_1.MOV`,
    `IMG_1.AAE` and `IMG_1.jpg.json` to `IMG_1.jpg`."""
    if not suffixes:
        return set()
    whole = {name for name in names if name.lower().endswith(suffixes)}
    if len(whole) == len(names):
        return set()
    called = whole | {name.rpartition(".")[0] for name in whole}
    others = (name for name in names if name not in whole)
    return {name for name in others if any(head in called for head in _heads(name))}


def _heads(name: str) -> Iterator[str]:
    """Of `a.jpg.json`: a, and a.jpg."""
    return (name[:at] for at, sign in enumerate(name) if sign == "." and at)


def folders(path: str) -> list[str]:
    """Names of the folders in a folder, without litter."""
    names = os.listdir(path) if is_local(path) else _remote().listdir(path)
    found = (name.rstrip("/") for name in names if not is_litter(name))
    return sorted(name for name in found if is_folder(os.path.join(path, name)))


def link_problem(path: str, root: str) -> str | None:
    """Why a file may not be read as one below `root`, if it may not: a link leads it elsewhere."""
    real = os.path.realpath(path)
    if os.path.commonpath([real, os.path.realpath(root)]) != os.path.realpath(root):
        return "is a link that leaves the folder; put the file itself there"
    return None


def _walk(folder: str, root: str, suffixes: tuple[str, ...]) -> Iterator[Entry]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    others = companions([entry.name for entry in found], suffixes)
    for entry in found:
        if is_litter(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, root, suffixes)
        elif entry.name in others:
            continue
        elif entry.is_symlink():
            is_folder = entry.is_dir()
            problem = "is a link to a folder; put the folder itself there" if is_folder else None
            yield Entry(entry.path, problem or link_problem(entry.path, root))
        else:
            yield Entry(entry.path)


def below(folder: str, path: str) -> str | None:
    """A relative path below `folder`; None where it leads elsewhere."""
    if not path or os.path.isabs(path) or ".." in path.split("/") or not is_local(path):
        return None
    return os.path.normpath(os.path.join(folder, path)) if is_local(folder) else f"{folder}/{path}"


def split_pattern(pattern: str) -> tuple[str, str]:
    """The folder above all wildcards and spans, and the rest: what to list below it."""
    parts = pattern.split("/")
    patterns = (i for i, part in enumerate(parts) if re.search("[*?]", part) or has_spans(part))
    cut = next(patterns, len(parts) - 1)
    return "/".join(parts[:cut]) or ("/" if pattern.startswith("/") else "."), "/".join(parts[cut:])


def _remote() -> Any:
    from tfx.dsl.io import fileio

    return fileio
