"""The one way in which documents are read: each is what its class says, or taken for missing."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import IO, Any, TypeVar

import pydantic

from documents.document import Document
from documents.json_object import JsonError, parse_object
from documents.regular_file import regular_file
from documents.shown import shown

LARGEST = 32 << 20
"""Bytes. The largest document, the report of a serving check, has about a hundred thousand."""

_USUAL = 1 << 16
"""Bytes that most documents do not have."""

Opening = Callable[[str], AbstractContextManager[IO[bytes]]]
"""Opens the file at a path or address, or raises OSError."""

D = TypeVar("D", bound=Document)

_heard: ContextVar[tuple[dict[str, None], ...]] = ContextVar("heard", default=())
_MOST_WARNINGS = 1_000
_warned: dict[str, None] = {}


class DamagedError(ValueError):
    """Bytes are not the document. The text is the end of a sentence about its file."""


def read(kind: type[D], path: str, opening: Opening = regular_file) -> D | None:
    """The document in a file; None when there is none.

    What is there but is not the document, whatever it is, is taken for missing: one warning on the
    `progress` logger names the file, the key and what to do.

    Args:
      kind: of document.
      path: of the file, or its address where `opening` knows addresses.
      opening: opens it; by default a regular file on this machine.
    """
    try:
        with opening(path) as file:
            content = file.read(_USUAL)
            if len(content) == _USUAL:  # room for the largest is made as slowly as it is filled
                content += file.read(LARGEST + 1 - _USUAL)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        pass_over(path, f"cannot be read ({error.strerror or error})", kind.MEND)
        return None
    return parse_or_none(kind, content, path)


def parse_or_none(kind: type[D], content: bytes, place: str) -> D | None:
    """As `read`, of bytes that were read from `place`."""
    try:
        return parse(kind, content)
    except DamagedError as error:
        pass_over(place, str(error), kind.MEND)
        return None


def parse(kind: type[D], content: bytes) -> D:
    """The document in `content`.

    Raises:
      DamagedError: there is another thing in it.
    """
    if len(content) > LARGEST:
        raise DamagedError(f"is larger than {LARGEST >> 20} MiB")
    try:
        found = parse_object(content)
        document = kind.model_validate_json(content)
    except JsonError as error:
        raise DamagedError(str(error)) from error
    except pydantic.ValidationError as error:
        raise DamagedError(_first(error)) from error
    if document.format > kind.FORMAT:
        raise DamagedError(
            f"has `format` {found['format']}, and this release knows {kind.FORMAT} at most"
        )
    return document


def pass_over(place: str, problem: str, mend: str) -> None:
    """Warns that what lies at `place` is taken for missing, once for each damage."""
    message = shown(f"Passing over {place}: it {problem}; {mend}.")
    for listener in _heard.get():
        listener[message] = None
    if message in _warned:
        return
    if len(_warned) >= _MOST_WARNINGS:
        del _warned[next(iter(_warned))]
    _warned[message] = None
    logging.getLogger("progress").warning("%s", message)


@contextlib.contextmanager
def noticed() -> Iterator[Collection[str]]:
    """Collects what is said meanwhile, in this thread, of documents that are passed over.

    Each sentence is there once, also where it was warned of before: whoever shows what was read,
    again and again, shows with it what was not.
    """
    found: dict[str, None] = {}
    token = _heard.set((*_heard.get(), found))
    try:
        yield found.keys()
    finally:
        _heard.reset(token)


def _first(error: pydantic.ValidationError) -> str:
    """What is wrong with the first wrong key: "has `baseline` = 'x', which should be an object"."""
    details = error.errors(include_url=False, include_context=False)[0]
    key = ".".join(str(part) for part in details["loc"])
    if details["type"] == "missing":
        return f"has no key `{key}`"
    rule = details["msg"].removeprefix("Input ")
    if not key:
        return f"is not the document ({rule})"
    return f"has `{key}` = {_shown(details['input'])}, which {rule}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
