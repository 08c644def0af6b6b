"""PNG files as Pillow writes none."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

TRANSPARENT = b"tRNS"
"""Names the chunk that says which shade, or which places of a palette, are transparent."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB = 2
_RGBA = 6
_GREY_AND_ALPHA = 4
_GREY = 0
_PALETTE = 3
# Start and step of rows and columns in each pass: https://www.w3.org/TR/png-3/#8Interlace
_ADAM7 = (
    (0, 8, 0, 8),
    (0, 8, 4, 8),
    (4, 8, 0, 4),
    (0, 4, 2, 4),
    (2, 4, 0, 2),
    (0, 2, 1, 2),
    (1, 2, 0, 1),
)


def rare_png(
    pixels: NDArray[Any],
    *,
    interlaced: bool = False,
    bits: int = 0,
    palette: NDArray[Any] | None = None,
    chunks: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """A PNG file: few bits or 16, colour or not, interlaced or not.

    Args:
      pixels: uint8 or uint16, [height, width] grey, [height, width, 2] with alpha,
        [height, width, 3] colour, or 4 with alpha.
      bits: of each pixel of a grey image, if fewer than those of `pixels`.
      palette: the colours [up to 256, 3] of which grey `pixels` are the places.
      chunks: names and contents of more parts before the pixels.
    """
    height, width = pixels.shape[:2]
    passes = _ADAM7 if interlaced else ((0, 1, 0, 1),)
    lines = (
        b"\0" + _packed(line, bits)
        for top, down, left, right in passes
        for line in pixels[top::down, left::right]
        if line.size
    )
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    kind = {1: _GREY, 2: _GREY_AND_ALPHA, 3: _RGB, 4: _RGBA}[channels]
    if palette is not None:
        kind = _PALETTE
        chunks = ((b"PLTE", palette.astype(np.uint8).tobytes()), *chunks)
    head = (width, height, bits or 8 * pixels.itemsize, kind, 0, 0, int(interlaced))
    return _file(head, b"".join(lines), chunks)


def blank_png(width: int, height: int) -> bytes:
    """A PNG file of black pixels, one bit each, in a thousandth of the bytes."""
    return _file((width, height, 1, _GREY, 0, 0, 0), bytes((1 + (width + 7) // 8) * height))


def _file(head: tuple[int, ...], lines: bytes, chunks: Sequence[tuple[bytes, bytes]] = ()) -> bytes:
    data = (b"IDAT", zlib.compress(lines))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", *head)), *chunks, data, (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def _packed(line: NDArray[Any], bits: int) -> bytes:
    """A line of pixels; of fewer than 8 bits several in a byte, the highest bits of each."""
    if not bits:
        return line.astype(line.dtype.newbyteorder(">")).tobytes()
    kept = np.unpackbits(line[:, np.newaxis], axis=1)[:, :bits]
    return np.packbits(kept.reshape(-1)).tobytes()
