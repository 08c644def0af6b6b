"""Reads IDX files of unsigned bytes, plain or gzipped, front to back and never whole.

Format: two zero bytes, a type code, the number of dimensions, each dimension as a big-endian
uint32, then the values in row-major order (http://yann.lecun.com/exdb/mnist/).
"""

from __future__ import annotations

import contextlib
import gzip
import math
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from models.features.image.kind import Image, written
from models.labels.classes.kind import Classes

_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 0x08
_TYPES = {
    0x08: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "integers of 16 bits",
    0x0C: "integers of 32 bits",
    0x0D: "floats of 32 bits",
    0x0E: "floats of 64 bits",
}
_BATCH_BYTES = 4 << 20
# A header is 16 bytes of which any may be damaged; this keeps one from asking for all memory.
_MAX_ITEM_BYTES = 64 << 20
# Images inflate to five times their size, drawings to fifty. What was made to fill a disk, or a
# header that was damaged, goes beyond; small files may hold nothing but black.
_MAX_TIMES, _ALWAYS_BYTES = 200, 1 << 30
_MEND = "replace the file with an intact copy"
_NUMBERS = 256
"""What a byte can be."""
_UNKNOWN = -1
_NAMED = 10


class IdxError(ValueError):
    """An IDX file is missing, damaged or does not fit its partner; the message names the file."""


class IdxReader:
    """One IDX file, read from an open binary stream that can seek.

    Attributes:
      name: what error messages call the file, usually its path.
      shape: the dimensions the header promises; the first is the number of items.
      is_zipped: whether nothing is found without inflating all that stands before it.
    """

    def __init__(self, stream: BinaryIO, name: str, dimensions: int):
        """Reads the header.

        Args:
          stream: positioned at its start; whether it is gzipped is told by its first bytes.
          name: for messages.
          dimensions: 3 for grey images, 4 for coloured ones, 1 for labels.

        Raises:
          IdxError: not an IDX file of unsigned bytes with so many dimensions, or truncated, or one
            that would inflate to far more than images do.
        """
        self.name = name
        self.is_zipped = stream.read(2) == _GZIP_MAGIC
        stream.seek(0, os.SEEK_END if self.is_zipped else os.SEEK_SET)
        size = stream.tell()
        stream.seek(0)
        self._stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if self.is_zipped else stream
        self._offset = 4 + 4 * dimensions
        header = self._header = self._read(self._offset)
        expected = struct.pack(">HBB", 0, _UNSIGNED_BYTE, dimensions)
        if not header.startswith(expected[: len(header)]):
            raise IdxError(f"{name} {_another(header[:4], expected, dimensions)}.")
        if len(header) < self._offset:
            raise IdxError(
                f"{name} is truncated: {len(header)} bytes are fewer than the header's "
                f"{self._offset}; {_MEND}."
            )
        self.shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", header[4:])
        self._item_bytes = math.prod(self.shape[1:])
        if not 0 < self._item_bytes <= _MAX_ITEM_BYTES or not self.shape[0]:
            raise IdxError(f"{name} has impossible dimensions {self.shape} in its header; {_MEND}.")
        inflated = self._offset + self.shape[0] * self._item_bytes
        if self.is_zipped and inflated > max(_ALWAYS_BYTES, _MAX_TIMES * size):
            raise IdxError(
                f"{name} has {size:,} bytes and would inflate to {inflated:,}, which is more than "
                f"{_MAX_TIMES} times as many; {_MEND}, or inflate it yourself with gunzip."
            )

    def batches(self, start: int, stop: int) -> Iterator[NDArray[np.uint8]]:
        """Items [start, stop) as uint8 arrays of shape [n, *shape[1:]], about 4 MiB each.

        Raises:
          IdxError: the file is truncated or damaged.
        """
        for data in self._pieces(start, stop):
            yield np.frombuffer(data, np.uint8).reshape(-1, *self.shape[1:])

    def read_through(self, write: Callable[[bytes], Any] = len) -> None:
        """Reads the whole file.

        Args:
          write: gets it piece by piece, without gzip.

        Raises:
          IdxError: as `batches` and `check_end`.
        """
        write(self._header)
        for data in self._pieces(0, self.shape[0]):
            write(data)
        self.check_end()

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        step = max(1, _BATCH_BYTES // self._item_bytes)
        with self._sentences():
            self._stream.seek(self._offset + start * self._item_bytes)
        for first in range(start, stop, step):
            wanted = min(step, stop - first)
            data = self._read(wanted * self._item_bytes)
            if len(data) < wanted * self._item_bytes:
                raise IdxError(
                    f"{self.name} is truncated: its header promises {self.shape[0]} items, "
                    f"but it ends within item {first + len(data) // self._item_bytes}; {_MEND}."
                )
            yield data

    def check_end(self) -> None:
        """Call after the last item was read.

        Raises:
          IdxError: there are more bytes than the header promises, or gzip's checksum is wrong.
        """
        if self._read(1):
            raise IdxError(
                f"{self.name} has bytes after its last item; its header promises "
                f"{self.shape[0]} items of {self._item_bytes} bytes; {_MEND}."
            )

    def _read(self, size: int) -> bytes:
        with self._sentences():
            return self._stream.read(size)

    @contextlib.contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except EOFError as error:
            raise IdxError(
                f"{self.name} is truncated: its gzip stream ends early; {_MEND}."
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise IdxError(f"{self.name} is damaged: {error}; {_MEND}.") from error


def _another(magic: bytes, expected: bytes, dimensions: int) -> str:
    """What a file is that does not begin as expected, as the end of a sentence."""
    wanted = f"unsigned bytes in {dimensions} dimension{'s' * (dimensions > 1)}"
    if len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in _TYPES and 0 < magic[3] < 10:
        found = f"{_TYPES[magic[2]]} in {magic[3]} dimension{'s' * (magic[3] > 1)}"
        return f"holds {found} instead of {wanted}; take another file, or convert it"
    return f"has magic 0x{magic.hex()}, but {wanted} have 0x{expected.hex()}; {_MEND}"


def read_labels(
    reader: IdxReader, label: Classes, start: int = 0, stop: int | None = None
) -> NDArray[np.int64]:
    """The classes [start, stop) of a file as indices, int64 [n]; to its very end without `stop`.

    Raises:
      IdxError: the file is damaged, or holds a number that is no class.
    """
    last = reader.shape[0] if stop is None else stop
    numbers = np.concatenate(list(reader.batches(start, last)))
    if stop is None:
        reader.check_end()
    indices = np.full(_NUMBERS, _UNKNOWN)
    for number, index in label.codes.items():
        if number < _NUMBERS:
            indices[number] = index
    found: NDArray[np.int64] = indices[numbers]
    wrong = np.flatnonzero(found == _UNKNOWN)
    if wrong.size:
        index = int(wrong[0])
        raise IdxError(
            f"{reader.name} has label {numbers[index]} at index {start + index}, but label.values "
            f"name {_written(label.codes)}; correct it, or name all labels in the settings."
        )
    return found


def _written(numbers: Iterable[int]) -> str:
    ordered = sorted(numbers)
    if not ordered:
        return "no numbers"
    if ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}-{ordered[-1]}"
    shown = ", ".join(map(str, ordered[:_NAMED]))
    return f"{shown}, …" if len(ordered) > _NAMED else shown


def check_shape(images: IdxReader, image: Image) -> None:
    """Raises IdxError where images are of another size than the settings declare."""
    if images.shape[1:] != image.shape:
        raise IdxError(
            f"{images.name} holds images of {written(images.shape[1:])} pixels, but the settings "
            f"declare {written(image.shape)}; correct size and channels of the image in features."
        )


def demand_equal_counts(images: int, images_name: str, labels: int, labels_name: str) -> None:
    """Raises IdxError where there are more of one than of the other."""
    if images != labels:
        raise IdxError(
            f"{images_name} holds {images} images, but {labels_name} holds {labels} labels; take "
            "both files from one source."
        )


def check_pair(
    images: IdxReader,
    labels: IdxReader,
    image: Image,
    label: Classes,
    write: Callable[[bytes], Any] = len,
) -> int:
    """Reads both files to their end and returns the number of examples.

    Args:
      write: gets the file of images, see IdxReader.read_through.

    Raises:
      IdxError: either file is damaged, images are of another size, a label is no class, or the
        counts differ.
    """
    demand_equal_counts(images.shape[0], images.name, labels.shape[0], labels.name)
    check_shape(images, image)
    read_labels(labels, label)
    images.read_through(write)
    return images.shape[0]
