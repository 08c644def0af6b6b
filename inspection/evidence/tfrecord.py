"""Just enough of TFRecord to read what nodes wrote without TensorFlow."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Iterator
from typing import IO

from inspection.evidence.damage import content_of
from inspection.evidence.protobuf import WireError
from inspection.files.stored_file import StoredFile

LARGEST_RECORD = 16 << 20
"""Bytes of one that is read from a stream."""
_HEADER = struct.Struct("<QI")
_CHECKSUM_BYTES = 4


def records(stream: IO[bytes] | gzip.GzipFile, largest: int = LARGEST_RECORD) -> Iterator[bytes]:
    """The records of an uncompressed stream one by one; checksums are not looked at.

    Args:
      stream: opened where a record begins.
      largest: bytes of one, at most: the number in front of it may be anything.

    Raises:
      WireError: the stream is cut short, or holds something else.
      OSError: it cannot be read.
    """
    while header := stream.read(_HEADER.size):
        if len(header) < _HEADER.size:
            raise WireError("it is truncated")
        size, _ = _HEADER.unpack(header)
        if size > largest:
            raise WireError(f"it holds a record of {size} bytes")
        record = stream.read(size + _CHECKSUM_BYTES)
        if len(record) < size + _CHECKSUM_BYTES:
            raise WireError("it is truncated")
        yield record[:size]


def records_of(file: StoredFile) -> Iterator[bytes]:
    """Those of a file that is not larger than any evidence; errors are those of `records`."""
    content = content_of(file)
    return records(io.BytesIO(content), len(content))
