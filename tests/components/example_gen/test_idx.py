from __future__ import annotations

import contextlib
import gzip
import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen import idx
from models.features.image.kind import Image
from models.labels.classes.kind import Classes

PIXELS = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
LABELS = np.array([0, 9, 3, 3, 1], np.uint8)
DIGITS = Classes(name="digit", kind="classes", values=list("0123456789"))


def encode(values: np.ndarray) -> bytes:
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


def reader(data: bytes, dimensions: int = 3) -> idx.IdxReader:
    return idx.IdxReader(io.BytesIO(data), "some-file", dimensions)


def check(images: bytes, labels: bytes) -> int:
    return idx.check_pair(
        idx.IdxReader(io.BytesIO(images), "images-file", dimensions=3),
        idx.IdxReader(io.BytesIO(labels), "labels-file", dimensions=1),
        Image(kind="image", size=(PIXELS.shape[1], PIXELS.shape[2])),
        DIGITS,
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@given(data=st.data())
def test_any_range_is_read_as_it_was_written(pack: Callable[[bytes], bytes], data: st.DataObject):
    shape = data.draw(st.tuples(*[st.integers(1, 12)] * 3))
    values = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    start = data.draw(st.integers(0, shape[0]))
    stop = data.draw(st.integers(start, shape[0]))
    file = reader(pack(encode(values)))
    batches = list(file.batches(start, stop))
    assert file.shape == shape
    assert b"".join(batch.tobytes() for batch in batches) == values[start:stop].tobytes()


def test_a_long_range_comes_in_batches_of_bounded_size():
    images = np.zeros((9_000, 28, 28), np.uint8)
    batches = [len(batch) for batch in reader(encode(images)).batches(0, 9_000)]
    assert sum(batches) == 9_000
    assert max(batches) * 28 * 28 <= 4 << 20


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_an_intact_pair_is_counted(pack: Callable[[bytes], bytes]):
    assert check(pack(encode(PIXELS)), pack(encode(LABELS))) == 5


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@given(kept=st.integers(0, len(encode(PIXELS)) - 1))
def test_a_truncated_file_is_refused(pack: Callable[[bytes], bytes], kept: int):
    with pytest.raises(idx.IdxError, match="images-file is truncated"):
        check(pack(encode(PIXELS)[:kept]), encode(LABELS))


@given(lost=st.integers(1, len(gzip.compress(encode(PIXELS))) - 2))
def test_a_truncated_gzip_stream_is_refused(lost: int):
    with pytest.raises(idx.IdxError, match=r"^images-file is truncated: .*"):
        check(gzip.compress(encode(PIXELS))[:-lost], encode(LABELS))


def test_truncation_tells_what_was_promised_and_what_is_there():
    with pytest.raises(idx.IdxError) as caught:
        check(encode(PIXELS)[:-13], encode(LABELS))
    assert str(caught.value) == (
        "images-file is truncated: its header promises 5 items, but it ends within item 3; "
        "replace the file with an intact copy."
    )


@given(position=st.integers(10, len(gzip.compress(encode(PIXELS))) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_in_a_gzip_stream_never_passes_for_data(position: int, bit: int):
    damaged = bytearray(gzip.compress(encode(PIXELS)))
    damaged[position] ^= 1 << bit
    with contextlib.suppress(idx.IdxError):
        check(bytes(damaged), encode(LABELS))
        # Only a few bits of padding get here: they mean nothing.
        assert gzip.decompress(damaged) == encode(PIXELS)


@pytest.mark.parametrize(
    ("data", "dimensions", "said"),
    [
        (encode(LABELS), 3, "unsigned bytes in 1 dimension instead of unsigned bytes in 3 dim"),
        (encode(PIXELS), 1, "unsigned bytes in 3 dimensions instead of unsigned bytes in 1 dim"),
        (b"\0\0\x0d\3" + bytes(40), 3, "floats of 32 bits in 3 dimensions instead of unsigned"),
        # QMNIST's labels, of which each is a row of eight numbers.
        (b"\0\0\x0c\2" + bytes(40), 1, "integers of 32 bits in 2 dimensions instead of unsigned"),
    ],
    ids=["labels as images", "images as labels", "floats", "QMNIST"],
)
def test_another_idx_file_is_described(data: bytes, dimensions: int, said: str):
    with pytest.raises(idx.IdxError, match=f"^some-file holds {said}.*; take another file, or con"):
        reader(data, dimensions)


@pytest.mark.parametrize(
    "data", [b"<!DOCTYPE html><html></html>", b"\0\0\x07\3" + bytes(40), b"\0\0\x0c"]
)
def test_what_is_no_idx_file_is_refused(data: bytes):
    with pytest.raises(idx.IdxError, match=r"^some-file has magic 0x.*, but unsigned bytes in 3 "):
        reader(data, 3)


@pytest.mark.parametrize("shape", [(0, 28, 28), (5, 0, 28), (1, 65_535, 65_535)])
def test_impossible_dimensions_are_refused_before_memory_is_asked_for(shape: tuple[int, ...]):
    with pytest.raises(idx.IdxError, match="impossible dimensions"):
        reader(struct.pack(">HBB3I", 0, 8, 3, *shape))


@pytest.mark.parametrize("shape", [(2_000_000, 28, 28), (2**32 - 1, 1_000, 60_000)])
def test_what_would_fill_a_disk_is_refused_before_it_is_inflated(shape: tuple[int, ...]):
    bomb = gzip.compress(struct.pack(">HBB3I", 0, 8, 3, *shape) + bytes(1_000_000))
    with pytest.raises(
        idx.IdxError,
        match=r"^some-file has [\d,]+ bytes and would inflate to [\d,]+, which .* gunz",
    ):
        reader(bomb)


@pytest.mark.medium
def test_a_small_file_may_hold_nothing_but_black():
    black = np.zeros((40, 1_000, 1_000), np.uint8)
    packed = gzip.compress(encode(black))
    assert black.nbytes > 200 * len(packed)
    assert reader(packed).shape == black.shape


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_that_is_read_through_is_told_without_gzip(pack: Callable[[bytes], bytes]):
    pieces: list[bytes] = []
    reader(pack(encode(PIXELS))).read_through(pieces.append)
    assert b"".join(pieces) == encode(PIXELS)
    with pytest.raises(idx.IdxError, match="some-file is truncated"):
        reader(pack(encode(PIXELS)[:-1])).read_through(pieces.append)


def test_bytes_after_the_last_item_are_refused():
    with pytest.raises(idx.IdxError, match="images-file has bytes after its last item"):
        check(encode(PIXELS) + b"x", encode(LABELS))
    with pytest.raises(idx.IdxError, match="labels-file has bytes after its last item"):
        check(encode(PIXELS), gzip.compress(encode(LABELS) + b"x"))
    with pytest.raises(idx.IdxError, match="images-file is damaged"):
        check(gzip.compress(encode(PIXELS)) + b"xy", encode(LABELS))


def test_counts_that_differ_are_refused():
    with pytest.raises(idx.IdxError, match="images-file holds 5 images, but labels-file holds 4"):
        check(encode(PIXELS), encode(LABELS[:4]))


def test_a_label_out_of_range_is_named():
    with pytest.raises(
        idx.IdxError, match=r"has label 10 at index 2, but label\.values name 0-9; correct it, or"
    ):
        check(encode(PIXELS), encode(np.array([0, 1, 10, 200, 3], np.uint8)))


def labels_of(label: Classes, *numbers: int) -> list[int]:
    return idx.read_labels(reader(encode(np.array(numbers, np.uint8)), 1), label).tolist()


def test_labels_begin_where_the_settings_say():
    letters = Classes(name="letter", kind="classes", values=list("ABCDE"), first=1)
    assert labels_of(letters, 1, 5, 2) == [0, 4, 1]
    with pytest.raises(idx.IdxError, match=r"has label 0 at index 1, but label\.values name 1-5;"):
        labels_of(letters, 1, 0)


def test_a_mapping_gives_numbers_their_classes():
    some = {"7": "seven", "200": "many", "3": "three"}
    mapped = Classes(name="number", kind="classes", values=some)
    assert labels_of(mapped, 200, 3, 7) == [1, 2, 0]
    with pytest.raises(idx.IdxError, match=r"but label\.values name 3, 7, 200; correct"):
        labels_of(mapped, 4)


def test_numbers_that_no_byte_holds_are_never_found():
    far = Classes(name="number", kind="classes", values=["a", "b"], first=255)
    assert labels_of(far, 255) == [0]
    with pytest.raises(idx.IdxError, match="has label 0 at index 0"):
        labels_of(far, 0)


def test_images_of_another_size_are_named():
    other = Image(kind="image", size=(4, 4))
    with pytest.raises(idx.IdxError, match="holds images of 4 x 3 pixels, but the settings decl"):
        idx.check_shape(reader(encode(PIXELS)), other)


def test_a_range_of_labels_is_read_by_itself():
    labels = reader(encode(np.array([3, 1, 12, 4], np.uint8)), 1)
    assert idx.read_labels(labels, DIGITS, 0, 2).tolist() == [3, 1]
    assert idx.read_labels(labels, DIGITS, 3, 4).tolist() == [4]
    with pytest.raises(idx.IdxError, match="label 12 at index 2"):
        idx.read_labels(labels, DIGITS, 1, 4)
