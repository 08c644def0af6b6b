"""Reads folders and files wherever TensorFlow can: on this machine, in gs:// and the like."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tensorflow.python.framework import errors_impl
from tensorflow.python.lib.io import file_io

from serving.server.status import Code, StatusError


def children(folder: str) -> list[str]:
    """Names of what is directly in a folder.

    Raises:
      StatusError: the folder is missing (NOT_FOUND) or cannot be read.
    """
    with _status_errors():
        # Object stores mark a folder by a trailing slash.
        return [name.rstrip("/") for name in file_io.list_directory_v2(folder)]


def exists(path: str) -> bool:
    """Whether a file or folder is at `path`; False also where that cannot be told."""
    return bool(file_io.file_exists_v2(path))


def read(path: str) -> bytes:
    """The content of a file.

    Raises:
      StatusError: the file is missing (NOT_FOUND) or cannot be read.
    """
    with _status_errors(), file_io.FileIO(path, "rb") as file:
        content: bytes = file.read()
        return content


def size(path: str) -> int:
    """Bytes in a file.

    Raises:
      StatusError: the file is missing (NOT_FOUND) or cannot be looked at.
    """
    with _status_errors():
        return int(file_io.stat_v2(path).length)


@contextlib.contextmanager
def _status_errors() -> Iterator[None]:
    try:
        yield
    except errors_impl.OpError as error:
        raise StatusError(Code(error.error_code), error.message) from error
