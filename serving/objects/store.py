"""What every object store can do, and how it says that it cannot."""

from __future__ import annotations

import dataclasses
import errno
import http
from collections.abc import Sequence
from typing import IO, Protocol

from documents.shown import shown

ANY = None
"""As a condition of `put`: whatever lies there."""
ABSENT = ""
"""As a condition of `put`: nothing lies there."""

LARGEST_REQUEST = 8 << 20
"""Bytes that are asked for, or sent in one piece, at most."""
PAGE = 1000
"""Objects that are listed with one request; no store lists more."""
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What clients raise who read half an answer: Python's http.client takes the end of a connection
for the end of the headers, so that a header may be missing, or be cut in its midst."""

_LONGEST_WORDS = 200
_TRANSIENT = (
    http.HTTPStatus.REQUEST_TIMEOUT,
    http.HTTPStatus.CONFLICT,  # S3: another conditional write of the same object is under way.
    http.HTTPStatus.TOO_MANY_REQUESTS,
    http.HTTPStatus.INTERNAL_SERVER_ERROR,
    http.HTTPStatus.BAD_GATEWAY,
    http.HTTPStatus.SERVICE_UNAVAILABLE,
    http.HTTPStatus.GATEWAY_TIMEOUT,
)


class StoreError(OSError):
    """An object store does not do what it is asked; `strerror` says why and what mends it."""


class TransientError(StoreError):
    """A request failed that may well succeed when it is sent again; `strerror` is what was met."""


class ChangedError(StoreError):
    """The condition of a write does not hold: another process wrote there."""


@dataclasses.dataclass(frozen=True)
class Found:
    """An object in a bucket."""

    key: str
    size: int
    """In bytes."""
    changed: float
    """When it was last written, in unix seconds by the store's clock."""
    tag: str
    """Another one after each write that changes it."""
    checksum: str | None = None
    """Equal for objects of equal bytes; None where the store promises no such thing."""

    def same_bytes(self, other: Found) -> bool:
        """Whether another object has the same bytes, as far as the store says."""
        known = None not in (self.checksum, other.checksum)
        return self.size == other.size and (not known or self.checksum == other.checksum)


class Store(Protocol):
    """One bucket. Each call is one attempt, and raises OSErrors only.

    All raise TransientError when trying again may help, and StoreError when it does not.
    """

    def names(self, prefix: str) -> Sequence[str]:
        """What comes after `prefix` in the keys that begin so, up to the next `/`, each once."""

    def objects(self, prefix: str) -> Sequence[Found]:
        """The objects whose keys begin with `prefix`."""

    def find(self, key: str) -> Found:
        """One object.

        Raises:
          FileNotFoundError: there is none.
        """

    def read(self, found: Found, start: int, size: int) -> bytes:
        """`size` bytes of an object from `start` on, or fewer at its end.

        Raises:
          FileNotFoundError: it is gone, or was written anew since it was found.
        """

    def put(self, key: str, content: IO[bytes], size: int, condition: str | None) -> str:
        """Writes an object: all of it, or nothing.

        Args:
          key: of the object.
          content: at its beginning; may be read more than once.
          size: of the content in bytes.
          condition: ANY, ABSENT, or the tag of what has to lie there.

        Returns:
          Its tag.

        Raises:
          ChangedError: the condition does not hold.
        """

    def copy(self, key: str, target: str) -> None:
        """Copies an object within the store.

        Raises:
          FileNotFoundError: there is none.
        """

    def remove(self, key: str) -> None:
        """Removes an object; one that is gone already is no error."""


def failure(status: int, words: str, bucket: str, mend: str | None = None) -> OSError:
    """What an answer with an HTTP status that is no success means.

    Args:
      status: of the answer.
      words: that it gives as the reason.
      bucket: that was asked.
      mend: what helps, where the reason tells more than the status.
    """
    said = shown(" ".join(words.split()))[:_LONGEST_WORDS].strip(": .")
    said = f"{status} ({said})" if said else str(status)
    if status == http.HTTPStatus.NOT_FOUND:
        return FileNotFoundError(errno.ENOENT, "no such object")
    if status == http.HTTPStatus.PRECONDITION_FAILED:
        return ChangedError(errno.EBUSY, "another process wrote there at the same moment")
    if status in _TRANSIENT:
        return TransientError(errno.EAGAIN, said)
    if mend:
        return StoreError(errno.EACCES, f"the store answers {said}: {mend}")
    if status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
        return StoreError(
            errno.EACCES,
            f"the store answers {said}: give these credentials the right to list, read, "
            f"write and delete the objects of bucket {bucket}",
        )
    return StoreError(errno.EIO, f"the store answers {said}")


def led_elsewhere(variable: str) -> StoreError:
    """What it means that each answer leads to another address.

    Args:
      variable: that names the address of the store.
    """
    return StoreError(
        errno.EPROTO,
        "the store leads every request to another address, as of http:// to https://; correct"
        f" {variable}",
    )


def unreadable(error: BaseException) -> TransientError:
    """What it means that an answer is cut, or none of a store at all."""
    return TransientError(
        errno.EAGAIN, f"an answer that is none of an object store ({type(error).__name__})"
    )


def no_bucket(bucket: str, variable: str | None = None) -> StoreError:
    """What it means that a bucket cannot be listed or written to because it is not found.

    Args:
      bucket: its name.
      variable: that names the address of the store, where one does: who answers may be none.
    """
    place = f"the address or {variable}" if variable else "the address"
    return StoreError(
        errno.ENODEV, f"there is no bucket called {bucket}; make it, or correct {place}"
    )
