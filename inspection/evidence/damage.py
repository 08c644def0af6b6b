"""What is said of evidence that is not what its node wrote, and is taken for missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from documents import reader
from documents.regular_file import regular_file

if TYPE_CHECKING:
    from google.protobuf.message import Message

LARGEST = 200 << 20
"""Bytes; statistics of thousands of features have a tenth."""
MEND = "run again with --no-cache to have it written anew"

M = TypeVar("M", bound="Message")


def pass_over(path: Path, error: Exception) -> None:
    """Warns once that what lies at `path` is taken for missing."""
    problem = getattr(error, "strerror", None) or str(error) or type(error).__name__
    reader.pass_over(str(path), f"cannot be read ({problem.rstrip('.')})", MEND)


def content_of(path: Path) -> bytes:
    """The bytes of a regular file that is not larger than any evidence.

    Raises:
      OSError: it is missing, something else, or too large.
    """
    with regular_file(path) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(f"is larger than {LARGEST >> 20} MiB")
    return content


def read_message(kind: type[M], path: Path) -> M | None:
    """The protobuf message in a file; None, after a warning, when something else is there."""
    from google.protobuf.message import DecodeError

    try:
        message: M = kind.FromString(content_of(path))
        return message
    except (DecodeError, OSError) as error:
        pass_over(path, error)
        return None
