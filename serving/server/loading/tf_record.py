"""Reads TFRecord files that may be damaged.

TensorFlow's iterator checks the content of records, but takes a truncated file for a complete one
and aborts the process on a length that is damaged; so the framing is checked here first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tensorflow.python.framework import errors_impl
from tensorflow.python.lib.io import _pywrap_record_io

from serving.server.loading import file_system
from serving.server.status import Code, StatusError

_HEADER = struct.Struct("<QI")
_FOOTER_BYTES = 4
_POLYNOMIAL = 0x82F63B78
"""Of CRC-32C, bits reversed (RFC 3720, appendix B.4)."""


def read_records(path: str) -> Iterator[bytes]:
    """Yields the records.

    Raises:
      StatusError: DATA_LOSS when the file is damaged.
    """
    expected = _count(path)
    count = 0
    try:
        for record in _pywrap_record_io.RecordIterator(path, ""):
            count += 1
            yield record
    except errors_impl.OpError as error:
        raise StatusError(Code(error.error_code), error.message) from error
    if count != expected:
        raise _damaged(path, f"record {count} does not have its checksum")


def _count(path: str) -> int:
    """The number of records by the framing, each (length, checksum, content, checksum)."""
    content = memoryview(file_system.read(path))
    count = position = 0
    while position < len(content):
        header = content[position : position + _HEADER.size]
        if len(header) < _HEADER.size:
            raise _damaged(path, f"it is truncated at {position}")
        length, checksum = _HEADER.unpack(header)
        if checksum != _masked_crc32c(header[:8]):
            raise _damaged(path, f"the length at {position} does not have its checksum")
        position += _HEADER.size + length + _FOOTER_BYTES
        if position > len(content):
            raise _damaged(path, "it is truncated in its last record")
        count += 1
    return count


def _masked_crc32c(data: bytes | memoryview) -> int:
    """CRC-32C as TFRecord files mask it (tensorflow/core/lib/hash/crc32c.h)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _damaged(path: str, problem: str) -> StatusError:
    return StatusError(Code.DATA_LOSS, f"{path} is no whole TFRecord file: {problem}")
