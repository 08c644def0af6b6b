"""JPEG files as Pillow writes none: any sampling of the colours, and colours one after another."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_SIDE = 8
"""Pixels of a block's side."""
_MIDDLE = 128
_START, _END = b"\xff\xd8", b"\xff\xd9"
_TABLE, _CODES, _FRAME, _SCAN = 0xDB, 0xC4, 0xC0, 0xDA
_SIZES = 12
"""Of a difference between blocks, in bits: its codes are their own numbers, of four bits each."""
_NOTHING_MORE = "0"
"""The only code of what a block holds beside its mean."""

Sampling = tuple[int, int]
"""Blocks of one part of the colour, across and down, in as large a piece as all parts have one."""
FULL: Sampling = (1, 1)


def rare_jpeg(
    pixels: NDArray[np.uint8], sampling: Sequence[Sampling], *, one_by_one: bool = False
) -> bytes:
    """A baseline JPEG file of which each block has one shade, its mean.

    Args:
      pixels: uint8 [height, width, 3], brightness and the two differences of colour, as a JPEG has
        them.
      sampling: of each of the three.
      one_by_one: whether each comes in a scan of its own.
    """
    height, width, parts = pixels.shape
    across, down = (max(each[axis] for each in sampling) for axis in (0, 1))
    pieces = [-(-height // (_SIDE * down)), -(-width // (_SIDE * across))]
    full = np.pad(
        pixels,
        [
            (0, pieces[0] * _SIDE * down - height),
            (0, pieces[1] * _SIDE * across - width),
            (0, 0),
        ],
        mode="edge",
    )
    means = []
    for part, (wide, high) in enumerate(sampling):
        sizes = pieces[0] * high, full.shape[0] // (pieces[0] * high)
        more = pieces[1] * wide, full.shape[1] // (pieces[1] * wide)
        block = full[:, :, part].reshape(*sizes, *more).mean(axis=(1, 3))
        means.append(np.rint(block).astype(int) - _MIDDLE)
    codes = bytes([0] * 3 + [_SIZES] + [0] * 12) + bytes(range(_SIZES))
    head = struct.pack(">BHHB", 8, height, width, parts)
    frame = b"".join(
        bytes([part + 1, 16 * wide + high, 0]) for part, (wide, high) in enumerate(sampling)
    )
    # With a step of 8 for the mean, which is eight times its value, its difference is what is held.
    file = _START + _segment(_TABLE, b"\0" + bytes([_SIDE] + [1] * 63))
    file += _segment(_FRAME, head + frame)
    file += _segment(_CODES, b"\0" + codes) + _segment(
        _CODES, b"\x10" + bytes([1] + [0] * 15 + [0])
    )
    if not one_by_one:
        return file + _scan(range(parts), _together(means, sampling, pieces)) + _END
    for part, (wide, high) in enumerate(sampling):
        # Alone, a part has as many blocks as it needs, and no more.
        rows, columns = -(-height * high // (_SIDE * down)), -(-width * wide // (_SIDE * across))
        blocks = ((part, mean) for mean in means[part][:rows, :columns].ravel().tolist())
        file += _scan([part], blocks)
    return file + _END


def _together(
    means: Sequence[NDArray[np.int_]], sampling: Sequence[Sampling], pieces: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yields part and mean of each block, piece by piece."""
    for row, column in np.ndindex(*pieces):
        for part, (wide, high) in enumerate(sampling):
            piece = means[part][row * high :][:high, column * wide :][:, :wide]
            yield from ((part, mean) for mean in piece.ravel().tolist())


def _scan(parts: Sequence[int], blocks: Iterator[tuple[int, int]]) -> bytes:
    before = dict.fromkeys(parts, 0)
    bits = []
    for part, mean in blocks:
        bits.append(_difference(mean - before[part]) + _NOTHING_MORE)
        before[part] = mean
    written = "".join(bits)
    written += "1" * (-len(written) % 8)
    data = int(written, 2).to_bytes(len(written) // 8, "big").replace(b"\xff", b"\xff\0")
    head = bytes([len(parts), *(byte for part in parts for byte in (part + 1, 0)), 0, 63, 0])
    return _segment(_SCAN, head) + data


def _difference(value: int) -> str:
    """ITU-T T.81, section F.1.2.1: how many bits, and those."""
    size = abs(value).bit_length()
    held = value if value > 0 else value + (1 << size) - 1
    return f"{size:04b}" + (f"{held:0{size}b}" if size else "")


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
