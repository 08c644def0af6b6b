"""TFRecord files, as TensorFlow writes them, and damaged."""

from __future__ import annotations

import io
import struct

import pytest

from inspection.evidence.protobuf import WireError
from inspection.evidence.tfrecord import records


def record(content: bytes) -> bytes:
    return struct.pack("<QI", len(content), 7) + content + struct.pack("<I", 9)


def test_records_come_in_their_order_and_without_frames():
    contents = [b"one", b"", b"three" * 1_000]
    assert [*records(io.BytesIO(b"".join(map(record, contents))))] == contents
    assert [*records(io.BytesIO(b""))] == []


@pytest.mark.parametrize("missing", [1, 4, 5, 8, 12, 18])
def test_a_file_that_is_cut_short_is_no_sound_one(missing: int):
    found = records(io.BytesIO(record(b"whole") + record(b"cut")[:-missing]))
    assert next(found) == b"whole"
    with pytest.raises(WireError, match="truncated"):
        next(found)


def test_a_size_that_cannot_be_is_not_read():
    with pytest.raises(WireError, match=f"a record of {1 << 40} bytes"):
        next(records(io.BytesIO(struct.pack("<QI", 1 << 40, 0) + bytes(100))))
    with pytest.raises(WireError, match="a record of 5 bytes"):
        next(records(io.BytesIO(record(b"large")), largest=4))
