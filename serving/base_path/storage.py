"""Files on this machine and in object stores (gs://, s3://), read and written alike.

The clients of object stores are imported only for addresses with a scheme.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from stat import S_ISDIR
from typing import IO, TYPE_CHECKING, TypeVar

from documents import reader, writer
from documents.document import Document
from documents.regular_file import open_regular, regular_file

if TYPE_CHECKING:
    from serving.objects.place import Place

CHUNK = 1 << 20

_MOST_FOLDERS = 10_000
_AT_ONCE = 8

D = TypeVar("D", bound=Document)


def is_remote(path: str) -> bool:
    """Whether `path` is an address with a scheme, so that renaming a folder is not atomic."""
    return "://" in path


def children(folder: str) -> list[str]:
    """Names of the files and folders directly in `folder`.

    Raises:
      OSError: `folder` is missing (FileNotFoundError), a file, or may not be read.
    """
    if not is_remote(folder):
        return os.listdir(folder)
    return place(folder).children()


def files(folder: str) -> list[str]:
    """Paths of all files below `folder`, relative to it, with `/` between names, sorted.

    Links are followed, since whoever copies these files needs what they point at.

    Raises:
      OSError: `folder` is missing (FileNotFoundError), a file, or may not be read; links lead back
        to a folder that they lie in (ELOOP), or to more folders than any model has.
    """
    if is_remote(folder):
        found = sorted(place(folder).files())
        if not found:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        return found
    children(folder)  # The walk below takes a missing folder for an empty one.
    paths = [os.path.join(parent, name) for parent, names in _walk(folder) for name in names]
    return sorted(path[len(folder) :].lstrip("/") for path in paths)


def exists(path: str) -> bool:
    """Whether a file or folder is at `path`."""
    if not is_remote(path):
        return os.path.exists(path)
    return place(path).exists()


@contextlib.contextmanager
def reading(path: str) -> Iterator[IO[bytes]]:
    """Opens the file at `path` to read its bytes; on this machine only a regular one.

    Raises:
      OSError: the file is missing (FileNotFoundError) or may not be read.
    """
    if is_remote(path):
        with place(path).open() as file:
            yield file
    else:
        with regular_file(path) as file:
            yield file


def read_document(kind: type[D], path: str) -> D | None:
    """The document at `path`; None, after a warning, when something else is there, or nothing."""
    return reader.read(kind, path, reading)


def write_document(document: Document, path: str, scratch: str | None = None) -> None:
    """Writes a document for `read_document`, folders above included, in one step.

    Args:
      document: what to write.
      path: of its file, or its address.
      scratch: as `documents.writer.replace` takes it.

    Raises:
      OSError: it cannot be written.
    """
    replace(path, document.encode(), scratch)


def replace(path: str, content: bytes, scratch: str | None = None) -> None:
    """Puts `content` at `path`, folders above included, in one step.

    Args:
      path: of a file, or its address.
      content: of it.
      scratch: as `documents.writer.replace` takes it.

    Raises:
      OSError: it cannot be written.
    """
    if is_remote(path):
        write(path, io.BytesIO(content))
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    writer.replace(path, content, scratch)


def write(path: str, content: IO[bytes]) -> None:
    """Writes `content` to `path`, folders above included; on this machine through to the disk.

    Raises:
      OSError: the file cannot be written.
    """
    if is_remote(path):
        place(path).write(content)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    # A FIFO that somebody left there would keep us waiting.
    descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(content, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())


def copy(source: str, paths: Iterable[str], target: str) -> None:
    """Copies files, given by their paths relative to folder `source`, into folder `target`.

    Raises:
      OSError: a file is missing (FileNotFoundError), or cannot be read or written.
    """
    for path in paths:
        with reading(os.path.join(source, path)) as file:
            write(os.path.join(target, path), file)


def duplicate(source: str, paths: Iterable[str], target: str) -> None:
    """As `copy`, between folders of one bucket, where the store itself copies, several at once.

    Raises:
      OSError: a file is missing (FileNotFoundError), or a copy is not what it is a copy of.
    """
    from concurrent.futures import ThreadPoolExecutor

    names = list(paths)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(
            threads.map(
                lambda name: place(os.path.join(source, name)).copy_to(
                    place(os.path.join(target, name))
                ),
                names,
            )
        )
    here, there = place(source).files(), place(target).files()
    for name in names:
        if not here[name].same_bytes(there[name]):
            raise OSError(errno.EIO, "the store made a copy that differs", f"{target}/{name}")


def place(address: str) -> Place:
    """What lies at an address in an object store.

    Raises:
      OSError: nothing here reads such addresses, or no credentials are at hand.
    """
    from serving.objects.place import Place

    return Place(address)


def remove(path: str) -> None:
    """Removes a file, or a folder and all that is in it, as far as it can be removed."""
    if is_remote(path):
        with contextlib.suppress(OSError):
            place(path).remove_all()
    else:
        with contextlib.suppress(OSError):
            os.remove(path)
        shutil.rmtree(path, ignore_errors=True)


def remove_file(path: str) -> None:
    """Removes one file.

    Raises:
      OSError: it is missing (FileNotFoundError, on this machine) or may not be removed.
    """
    if is_remote(path):
        place(path).remove()
    else:
        os.remove(path)


def usage(path: str) -> tuple[int, float]:
    """Bytes in a file or folder, and the unix time at which it was last changed; 0 when unknown.

    Raises:
      OSError: it is missing (FileNotFoundError) or cannot be read.
    """
    if is_remote(path):
        found = place(path).files().values()
        return sum(o.size for o in found), max((o.changed for o in found), default=0.0)
    places = [path]
    for parent, folders, names in os.walk(path):
        places += [os.path.join(parent, name) for name in folders + names]
    local = [os.lstat(place) for place in places]
    return (
        sum(stat.st_size for stat in local if not S_ISDIR(stat.st_mode)),
        max(stat.st_mtime for stat in local),
    )


def sync_folders(folder: str) -> None:
    """Forces the names in a local folder, and in all below it, to the disk."""
    for parent, _, _ in os.walk(folder, onerror=_raise):
        sync_folder(parent)


def sync_folder(folder: str) -> None:
    """Forces the names directly in a local folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _walk(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Each local folder and the names of its files, through links."""
    above: dict[str, frozenset[tuple[int, int]]] = {folder: frozenset()}
    for parent, folders, names in os.walk(folder, onerror=_raise, followlinks=True):
        stat = os.stat(parent)
        identity, ancestors = (stat.st_dev, stat.st_ino), above.pop(parent)
        if identity in ancestors:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), parent)
        above |= {os.path.join(parent, name): ancestors | {identity} for name in folders}
        if len(above) > _MOST_FOLDERS:
            raise OSError(errno.ELOOP, f"it leads to more than {_MOST_FOLDERS} folders", folder)
        yield parent, names


def _raise(error: Exception) -> None:
    raise error
