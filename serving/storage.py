"""Files on this machine and in object stores (gs://, s3://, hdfs://), read and written alike.

TensorFlow's file system is imported only for addresses with a scheme. Its errors come out as the
OSErrors that the local file system would raise.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from stat import S_ISDIR
from typing import IO, Any, TypeVar

from documents import reader, writer
from documents.document import Document
from documents.regular_file import open_regular, regular_file

CHUNK = 1 << 20

_MOST_FOLDERS = 10_000

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
    with _gfile() as gfile:
        scheme = folder.partition("://")[0]
        if scheme not in gfile.get_registered_schemes():
            # TensorFlow itself would say that the folder is missing.
            raise OSError(errno.EPROTONOSUPPORT, f"nothing here reads or writes {scheme}://")
        # Object stores mark a folder by a trailing slash.
        return [name.rstrip("/") for name in gfile.listdir(folder)]


def files(folder: str) -> list[str]:
    """Paths of all files below `folder`, relative to it, with `/` between names, sorted.

    Links are followed, since whoever copies these files needs what they point at.

    Raises:
      OSError: `folder` is missing (FileNotFoundError), a file, or may not be read; links lead back
        to a folder that they lie in (ELOOP), or to more folders than any model has.
    """
    children(folder)  # The walks below take a missing folder for an empty one.
    found = []
    if is_remote(folder):
        with _gfile() as gfile:
            for parent, _, names in gfile.walk(folder, onerror=_raise):
                found += [os.path.join(parent, name) for name in names]
    else:
        for parent, names in _walk(folder):
            found += [os.path.join(parent, name) for name in names]
    return sorted(path[len(folder) :].lstrip("/") for path in found)


def exists(path: str) -> bool:
    """Whether a file or folder is at `path`."""
    if not is_remote(path):
        return os.path.exists(path)
    with _gfile() as gfile:
        return bool(gfile.exists(path))


@contextlib.contextmanager
def reading(path: str) -> Iterator[IO[bytes]]:
    """Opens the file at `path` to read its bytes; on this machine only a regular one.

    Raises:
      OSError: the file is missing (FileNotFoundError) or may not be read.
    """
    if is_remote(path):
        with _gfile() as gfile, gfile.GFile(path, "rb") as file:
            yield file
    else:
        with regular_file(path) as file:
            yield file


def read_document(kind: type[D], path: str) -> D | None:
    """The document at `path`; None, after a warning, when something else is there, or nothing."""
    return reader.read(kind, path, reading)


def write_document(document: Document, path: str, scratch: str | None = None) -> None:
    """Writes a document for `read_document`, folders above included; on this machine in one step.

    Args:
      document: what to write.
      path: of its file, or its address.
      scratch: as `documents.writer.replace` takes it.

    Raises:
      OSError: it cannot be written.
    """
    if is_remote(path):
        write(path, io.BytesIO(document.encode()))
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    writer.replace(path, document.encode(), scratch)


def write(path: str, content: IO[bytes]) -> None:
    """Writes `content` to `path`, folders above included; on this machine through to the disk.

    Raises:
      OSError: the file cannot be written.
    """
    folder = os.path.dirname(path)
    if is_remote(path):
        with _gfile() as gfile:
            gfile.makedirs(folder)
            with gfile.GFile(path, "wb") as file:
                shutil.copyfileobj(content, file, CHUNK)
        return
    os.makedirs(folder, exist_ok=True)
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


def remove(path: str) -> None:
    """Removes a file, or a folder and all that is in it, as far as it can be removed."""
    if is_remote(path):
        with contextlib.suppress(OSError), _gfile() as gfile:
            gfile.rmtree(path)
    else:
        with contextlib.suppress(OSError):
            os.remove(path)
        shutil.rmtree(path, ignore_errors=True)


def remove_file(path: str) -> None:
    """Removes one file.

    Raises:
      OSError: it is missing (FileNotFoundError) or may not be removed.
    """
    if is_remote(path):
        with _gfile() as gfile:
            gfile.remove(path)
    else:
        os.remove(path)


def usage(path: str) -> tuple[int, float]:
    """Bytes in a file or folder, and the unix time at which it was last changed; 0 when unknown.

    Raises:
      OSError: it is missing (FileNotFoundError) or cannot be read.
    """
    if is_remote(path):
        with _gfile() as gfile:
            stats = [gfile.stat(os.path.join(path, name)) for name in files(path)]
        return (
            sum(int(stat.length) for stat in stats),
            max((stat.mtime_nsec / 1e9 for stat in stats), default=0.0),
        )
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


@contextlib.contextmanager
def _gfile() -> Iterator[Any]:
    if "tensorflow" not in sys.modules:
        # What its import says is nothing to who asked about a base path.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import tensorflow as tf
    else:
        import tensorflow as tf

    try:
        yield tf.io.gfile
    except tf.errors.NotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, error.message or "no such file") from error
    except tf.errors.PermissionDeniedError as error:
        raise PermissionError(errno.EACCES, error.message) from error
    except tf.errors.OpError as error:
        raise OSError(errno.EIO, error.message) from error


def _raise(error: Exception) -> None:
    raise error
