"""Lines of text files of any encoding, as bytes in which a comma is a comma."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO, NamedTuple

from components.example_gen.formats.foreign import foreign

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LONGEST_LINE = 16 << 20
"""Bytes; whatever is longer is no table."""
_OF_JAPAN = 63
"""Letters of half the width that Shift JIS has in one byte, beside those of two."""
SETTING = "set data.csv.encoding to {}"
"""How a file in another encoding is read after all."""


class EncodingError(ValueError):
    """The file is not in the encoding that was declared: the end of a sentence about it."""


class Encoding(NamedTuple):
    """How a file is written."""

    name: str
    mark: int
    """Bytes of its byte order mark."""

    @property
    def is_wide(self) -> bool:
        """Whether its characters have more than one byte each, so that lines need decoding."""
        return self.name.startswith(("utf-16", "utf-32"))

    @property
    def is_of_single_bytes(self) -> bool:
        """Whether bytes beyond ASCII are characters alone, so that it reads what others write."""
        alone = (bytes([byte]).decode(self.name, "ignore") for byte in range(128, 256))
        return sum(map(bool, alone)) > _OF_JAPAN

    @property
    def of_lines(self) -> str:
        """Encoding of the lines that `lines` gives."""
        return "utf-8" if self.is_wide else self.name


def encoding_of(head: bytes, declared: str, mend: str = SETTING) -> Encoding:
    """The encoding of a file that begins with `head`.

    Args:
      mend: what to do where it is another one.

    Raises:
      EncodingError: its byte order mark says another one, or it is no text.
    """
    name = codecs.lookup(declared).name
    if name == "utf-8-sig":
        name = "utf-8"
    if problem := foreign(head):
        raise EncodingError(problem)
    for mark, marked in _MARKS:
        if head.startswith(mark):
            if not marked.startswith(name):
                short = marked.removesuffix("-le").removesuffix("-be")
                raise EncodingError(f"begins as {short} does; {mend.format(short)}")
            return Encoding(marked, len(mark))
    wide = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
    encoding = Encoding(wide.get(name, name), 0)
    if not encoding.is_wide and head[1:2] == b"\0":
        raise EncodingError(f"looks like utf-16 text; {mend.format('utf-16-le')}")
    if encoding.is_of_single_bytes and _is_utf_8(head):
        # Each letter beyond ASCII would be two others, and a category another one.
        raise EncodingError(f"looks like utf-8 text; {mend.format('utf-8')}")
    return encoding


def _is_utf_8(head: bytes) -> bool:
    """Whether letters beyond ASCII stand in it as UTF-8 has them, which no other text does."""
    try:
        return not codecs.getincrementaldecoder("utf-8")().decode(head).isascii()
    except UnicodeDecodeError:
        return False


def lines(stream: IO[bytes], start: int, stop: int, encoding: Encoding) -> Iterator[bytes]:
    """The lines of bytes [start, stop), which lie between lines, with their ends.

    Raises:
      EncodingError: a line has no end, or wide characters are damaged.
    """
    stream.seek(start)
    left = stop - start
    if encoding.is_wide:
        for line, size in _wide_lines(stream, encoding.name):
            if left <= 0:
                return
            left -= size
            yield line
        return
    while left > 0 and (line := stream.readline(LONGEST_LINE)):
        if len(line) == LONGEST_LINE:
            raise EncodingError(f"has a line of more than {LONGEST_LINE >> 20} MiB; is it a table?")
        left -= len(line)
        yield line


def size_of(line: bytes, encoding: Encoding) -> int:
    """Bytes that a line of `lines` takes in the file."""
    return len(line.decode("utf-8").encode(encoding.name)) if encoding.is_wide else len(line)


def _wide_lines(stream: IO[bytes], name: str) -> Iterator[tuple[bytes, int]]:
    decoder = codecs.getincrementaldecoder(name)()
    text = ""
    while True:
        chunk = stream.read(1 << 16)
        try:
            text += decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise EncodingError(
                f"is not {name} text ({error.reason}); check data.csv.encoding"
            ) from error
        *whole, text = text.split("\n")
        for line in whole:
            yield f"{line}\n".encode(), len(f"{line}\n".encode(name))
        if len(text) > LONGEST_LINE:
            raise EncodingError(f"has a line of more than {LONGEST_LINE >> 20} MiB; is it a table?")
        if not chunk:
            if text:
                yield text.encode(), len(text.encode(name))
            return
