"""Files inside archives, by paths in which an archive is a folder: `a.tar.gz/a/b.zip/c.csv`.

Nothing is extracted but the bytes of the one file that is asked for, under a name of ours: names,
owners, modes and links in an archive never reach the disk.
"""

from __future__ import annotations

import gzip
import lzma
import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LARGEST = 4 << 30
"""Bytes of a file that is unpacked; a few kilobytes can claim to be more."""
MOST = 1_000_000
"""Members of an archive that are looked through."""

_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
_ARCHIVES = (*_TARS, ".zip", ".whl")
_GZIP = ".gz"
_CHUNK = 1 << 20
_DAMAGED = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError),
    *(NotImplementedError, RuntimeError, gzip.BadGzipFile),
)


class ArchiveError(OSError):
    """An archive is damaged, too large, or lacks the file; the message says which and why."""


def outer(path: str) -> str:
    """The part of a path that is a file on a disk: up to the first archive."""
    return _divided(path)[0]


def is_packed(path: str) -> bool:
    """Whether a path leads to something that has to be unpacked."""
    return bool(_divided(path)[1]) or path.lower().endswith(_GZIP)


def name(path: str) -> str:
    """What the file at a path is called when it is unpacked."""
    last = path.rsplit("/", 1)[-1]
    return last[: -len(_GZIP)] if last.lower().endswith(_GZIP) else last


def unpack(file: Path, path: str, target: Path) -> None:
    """Writes the file at `path`, whose outer part lies in `file`, to `target`.

    Raises:
      ArchiveError: what is asked for is not there, is no plain file, or is larger than LARGEST.
    """
    inner = _divided(path)[1]
    with file.open("rb") as stream:
        _unpack(stream, file.name, inner, target)


def _unpack(stream: IO[bytes], called: str, inner: str, target: Path) -> None:
    """From a file called `called`: itself, or the file at `inner` in it."""
    if not inner:
        packed = called.lower().endswith(_GZIP)
        try:
            if packed:
                with gzip.open(stream) as opened:
                    _copy(opened, target, called)
            else:
                _copy(stream, target, called)
        except _DAMAGED as error:
            raise ArchiveError(f"{called} is damaged ({error})") from error
        return
    wanted, rest = _divided(inner)
    try:
        with _member(stream, called, wanted) as member:
            if not rest:
                _unpack(member, wanted, "", target)
                return
            # An archive in an archive is read from a file, as it is looked through back and forth.
            with tempfile.NamedTemporaryFile(dir=target.parent) as held:
                _copy(member, Path(held.name), wanted)
                with open(held.name, "rb") as again:
                    _unpack(again, wanted, rest, target)
    except ArchiveError:
        raise
    except _DAMAGED as error:
        raise ArchiveError(f"{called} is a damaged archive ({error})") from error


@contextmanager
def _member(stream: IO[bytes], called: str, wanted: str) -> Iterator[IO[bytes]]:
    """The content of a plain file in an archive."""
    if called.lower().endswith(_TARS):
        seen = 0
        # "r|*" reads strictly forwards: no header can send us back to read something again.
        with tarfile.open(fileobj=stream, mode="r|*") as members:
            for count, member in enumerate(members, start=1):
                seen += member.size
                if seen > LARGEST or count > MOST:
                    raise ArchiveError(f"{called} unpacks to more than is allowed")
                if os.path.normpath(member.name) != wanted:
                    continue
                opened = members.extractfile(member) if member.isreg() else None
                if opened is None:
                    raise ArchiveError(f"{wanted} in {called} is no plain file")
                yield opened
                return
        raise ArchiveError(f"{called} holds no {wanted}")
    with zipfile.ZipFile(stream) as archive:
        try:
            info = archive.getinfo(wanted)
        except KeyError:
            raise ArchiveError(f"{called} holds no {wanted}") from None
        with archive.open(info) as opened_:
            yield opened_


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, called: str) -> None:
    left = LARGEST
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise ArchiveError(f"{called} is larger than {LARGEST >> 30} GiB")
            file.write(chunk)


def _divided(path: str) -> tuple[str, str]:
    """The path of the first file on the way, and what is left of it inside that."""
    parts = path.split("/")
    for count, part in enumerate(parts[:-1], start=1):
        if part.lower().endswith(_ARCHIVES):
            return "/".join(parts[:count]), "/".join(parts[count:])
    return path, ""
