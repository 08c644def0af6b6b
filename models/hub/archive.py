"""Unpack a module's .tar.gz so that nothing in it can reach outside the target folder.

tarfile never extracts anything here: only names and bytes are taken from the archive, and the files
are written by us. Owners, modes (setuid), links and devices therefore cannot reach the disk, on
every Python, with or without tarfile's extraction filters (PEP 706).
"""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from documents.saved_model import SAVED_MODEL, SAVED_MODEL_TEXT

SUFFIXES = (".tar.gz", ".tgz")
_DEEPEST = 8

_OTHERS = {
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"(\xb5/\xfd": "zstd",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
}

# A SavedModel has a few files beside its assets; an archive of empty files is an attack on inodes.
MAX_MEMBERS = 10_000


class ArchiveError(ValueError):
    """The archive is hostile, damaged or holds no SavedModel. The text is the end of a sentence."""


class _CappedReader:
    """Counts the bytes that leave the decompressor: tar headers can be a bomb as well as files."""

    def __init__(self, stream: gzip.GzipFile, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._left = max_bytes

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_big(self._max_bytes)
        return data


def unpack(archive: Path, target: Path, max_bytes: int) -> None:
    """Write the files of the .tar.gz `archive` into the new folder `target`.

    `max_bytes` limits the decompressed stream. Raises ArchiveError for a member that is not a plain
    file or folder inside `target`, for too much of anything, and for a damaged archive; what was
    written up to then stays, so `target` belongs in a temporary folder.
    """
    _check_magic(archive)
    target.mkdir()
    try:
        with gzip.open(archive) as stream:
            reader = _CappedReader(stream, max_bytes)
            # "r|" reads strictly forwards: no header can send us back to read something again.
            with tarfile.open(fileobj=reader, mode="r|") as members:  # type: ignore[call-overload]
                _write(members, target, max_bytes)
            while reader.read(1 << 16):  # reaches gzip's checksum behind the last member
                pass
    except ArchiveError:
        raise
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        # ValueError: tarfile lets those of malformed pax headers through.
        raise ArchiveError(f"is a damaged archive ({error}): fetch or pack it again") from error


def saved_model_folder(folder: Path) -> Path:
    """The folder with saved_model.pb, or .pbtxt: `folder`, or the only folder in it, and so on.

    Archives made with the module's own folder as top level are common; hub refuses them.
    Raises ArchiveError when there is no SavedModel.
    """
    place = folder
    for _ in range(_DEEPEST):
        if any((place / name).is_file() for name in (SAVED_MODEL, SAVED_MODEL_TEXT)):
            return place
        found = sorted(path.name for path in place.iterdir() if not is_leftover(path.name))
        if len(found) != 1 or not (place / found[0]).is_dir() or (place / found[0]).is_symlink():
            break
        place /= found[0]
    where = "" if place == folder else f" in {place.relative_to(folder)}"
    raise ArchiveError(
        f"holds no {SAVED_MODEL}{where} but {', '.join(found[:5]) or 'nothing'}: "
        "it must be a TensorFlow 2 SavedModel"
    )


def is_leftover(path: str) -> bool:
    """Whether a Mac put this beside the files themselves: what Finder and its tar add to archives.

    `._x` is AppleDouble, the attributes of x (RFC 1740).
    """
    parts = PurePosixPath(path).parts
    return any(part.startswith("._") or part in (".DS_Store", "__MACOSX") for part in parts)


def inside(name: str) -> PurePosixPath:
    """`name` as a relative path; ArchiveError when it could be a path outside the module."""
    path = PurePosixPath(name)
    # Unprintable covers NUL, line breaks and undecodable bytes, which no SavedModel needs.
    if path.is_absolute() or ".." in path.parts or not name.isprintable():
        raise ArchiveError(f"holds {name!r}, which is not a path inside it: pack the module again")
    return path


def _check_magic(archive: Path) -> None:
    with archive.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"\x1f\x8b"):
        return
    for magic, kind in _OTHERS.items():
        if start.startswith(magic):
            raise ArchiveError(
                f"is packed as {kind}, which is not read: unpack it and set hub.handle to the "
                "folder, or pack that by `tar czf`"
            )
    found = f"it begins with {start[:16]!r}"
    if start.lstrip().startswith(b"<"):
        found = "it is a web page, perhaps for logging in"
    if start[257:262] == b"ustar":
        found = "it is a .tar that was not compressed: `gzip` does that"
    if not start:
        found = "it is empty"
    raise ArchiveError(f"is not a .tar.gz archive ({found}): correct hub.handle")


def _write(members: tarfile.TarFile, target: Path, max_bytes: int) -> None:
    declared = 0
    for count, member in enumerate(members, start=1):
        if count > MAX_MEMBERS:
            raise ArchiveError(
                f"holds more than {MAX_MEMBERS} files: set hub.handle to a SavedModel"
            )
        path = target / inside(member.name)
        if is_leftover(member.name):
            continue
        try:
            if member.isdir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            declared += member.size  # a sparse file declares more than the stream holds
            if declared > max_bytes:
                raise _too_big(max_bytes)
            source = members.extractfile(member) if member.isreg() else None
            if source is None or member.issparse():
                raise ArchiveError(
                    f"holds {member.name!r}, which is no plain file: pack the module again"
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                shutil.copyfileobj(source, file)
        except (FileExistsError, NotADirectoryError) as error:
            raise ArchiveError(f"holds {member.name!r} twice: pack the module again") from error


def _too_big(max_bytes: int) -> ArchiveError:
    return ArchiveError(
        f"unpacks to more than {max_bytes / 1e6:g} MB: if that is meant, raise hub.max_megabytes"
    )
