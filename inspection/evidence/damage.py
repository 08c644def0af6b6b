"""What is said of evidence that is not what its node wrote, and is taken for missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from documents import reader
from inspection.files.bucket import AwayError
from inspection.files.stored_file import StoredFile

if TYPE_CHECKING:
    from google.protobuf.message import Message

LARGEST = 200 << 20
"""Bytes; statistics of thousands of features have a tenth."""
MEND = "run again with --no-cache to have it written anew"

M = TypeVar("M", bound="Message")


def pass_over(file: StoredFile, error: Exception) -> None:
    """Warns once that what lies in `file` is taken for missing."""
    if isinstance(error, AwayError):
        return
    problem = getattr(error, "strerror", None) or str(error) or type(error).__name__
    reader.pass_over(file.place, f"cannot be read ({problem.rstrip('.')})", MEND)


def content_of(file: StoredFile) -> bytes:
    """The bytes of a file that is not larger than any evidence.

    Raises:
      OSError: it is missing, something else, or too large.
    """
    with file.open() as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(f"is larger than {LARGEST >> 20} MiB")
    return content


def read_message(kind: type[M], file: StoredFile) -> M | None:
    """The protobuf message in a file; None, after a warning, when something else is there."""
    from google.protobuf.message import DecodeError

    try:
        message: M = kind.FromString(content_of(file))
        return message
    except (DecodeError, OSError) as error:
        pass_over(file, error)
        return None
