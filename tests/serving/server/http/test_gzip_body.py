from __future__ import annotations

import contextlib
import gzip
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.http.gzip_body import TooLargeError, is_gzip, unpack
from serving.server.status import StatusError


def packed_at_0(data: bytes) -> bytes:
    """The same in every process, as names of tests must be; gzip writes the time."""
    return gzip.compress(data, mtime=0)


LIMIT = 1 << 20


@given(st.lists(st.binary(), min_size=1))
def test_members_that_follow_each_other_are_one_body(parts: list[bytes]):
    assert unpack(b"".join(map(gzip.compress, parts)), LIMIT) == b"".join(parts)


@pytest.mark.parametrize("size", [0, LIMIT - 1, LIMIT])
def test_a_body_up_to_the_limit_is_unpacked(size: int):
    assert unpack(gzip.compress(b"7" * size), LIMIT) == b"7" * size


@pytest.mark.medium
def test_a_body_beyond_the_limit_is_refused_without_unpacking_it_all():
    bomb = gzip.compress(b"0" * (100 * LIMIT))
    tracemalloc.start()
    with pytest.raises(TooLargeError, match="--rest_api_max_body_bytes"):
        unpack(bomb, LIMIT)
    assert tracemalloc.get_traced_memory()[1] < 4 * LIMIT
    tracemalloc.stop()


def test_a_million_empty_members_cost_no_more_than_their_bytes():
    packed = gzip.compress(b"") * 50_000
    start = time.thread_time()
    assert unpack(packed, LIMIT) == b""
    assert time.thread_time() - start < 2 * len(packed) / 1e6


@pytest.mark.parametrize(
    "packed",
    [
        b"{}", b"\x1f\x8b", packed_at_0(b"{}")[:-1], packed_at_0(b"{}" * 99)[:20],
        packed_at_0(b"{}") + b"rest", zlib.compress(b"{}"),
        packed_at_0(b"{}")[:-8] + bytes(8),
    ],
)  # fmt: skip
def test_what_is_damaged_is_refused(packed: bytes):
    with pytest.raises(StatusError, match="cannot be unpacked") as caught:
        unpack(packed, LIMIT)
    assert not isinstance(caught.value, TooLargeError)


def test_an_empty_body_stays_empty():
    assert unpack(b"", LIMIT) == b""


@given(st.binary(), st.integers(0, 40))
def test_nothing_else_is_raised(data: bytes, cut: int):
    for packed in (data, gzip.compress(data)[:cut] + data):
        with contextlib.suppress(StatusError):
            unpack(packed, LIMIT)


@pytest.mark.parametrize(
    ("encoding", "meant"),
    [
        ("gzip", True), ("x-gzip", True), ("X-GZIP", False), ("identity, gzip", True),
        ("", False), ("deflate", False), ("utf-8", False),
    ],
)  # fmt: skip
def test_only_gzip_means_gzip(encoding: str, meant: bool):
    assert is_gzip(encoding) is meant
