"""Image files for tests: PNG of every kind, byte by byte, and what should be seen of them."""

from __future__ import annotations

import dataclasses
import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY_WEIGHTS = (0.299, 0.587, 0.114)
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera held so stores what is upright, by EXIF orientation."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A 28 x 28 PNG, and its grey pixels on white."""

    name: str
    content: bytes
    grey: NDArray[np.float64]


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(width: int = 96, height: int = 64) -> Image.Image:
    """Soft colours, the same each time, no two of whose corners are alike."""
    blobs = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)
    return Image.fromarray(blobs).resize((width, height), Image.Resampling.BICUBIC)


def turned(image: Image.Image, orientation: int, kind: str, **options: Any) -> bytes:
    """`image` as a camera stores it that is held so, with other EXIF data around."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x011A] = "A maker", orientation, 72.0
    stored = image.transpose(UNDO[orientation]) if orientation in UNDO else image
    return encoded(stored, kind, exif=exif, **options)


def png(rows: list[bytes], bits: int, colour_type: int, *chunks: bytes) -> bytes:
    """A PNG of 28 x 28 pixels (PNG, section 5)."""
    header = struct.pack(">2I5B", 28, 28, bits, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    found = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(found)


def large(width: int, height: int) -> bytes:
    """A black PNG of a bit per pixel, which takes a hundredth of a second to write for each
    10,000,000 pixels; Pillow has each of them as a byte before."""
    header = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height), 1)
    found = [chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(found)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def kinds() -> Iterator[Kind]:
    """Every colour type and depth, with and without transparency."""
    random = np.random.default_rng(0)
    for bits in (1, 2, 4, 8, 16):
        values = random.integers(0, 1 << bits, (28, 28))
        grey = _to_8_bits(values, bits)
        yield Kind(f"grey, {bits} bits", png(_packed(values, bits), bits, 0), grey)
        clear = int(values[3, 5])
        key = chunk(b"tRNS", struct.pack(">H", clear))
        seen = np.where(values == clear, 255, grey)
        yield Kind(
            f"grey, {bits} bits, a clear one", png(_packed(values, bits), bits, 0, key), seen
        )
    for bits in (1, 2, 4, 8):
        values = random.integers(0, 1 << bits, (28, 28))
        colours = random.integers(0, 256, (1 << bits, 3), np.uint8)
        palette = chunk(b"PLTE", colours.tobytes())
        greys = colours @ np.array(GREY_WEIGHTS)
        yield Kind(
            f"palette, {bits} bits", png(_packed(values, bits), bits, 3, palette), greys[values]
        )
        alpha = np.full(1 << bits, 255)
        alpha[: 1 << (bits - 1)] = random.integers(0, 256, 1 << (bits - 1))
        opacity = chunk(b"tRNS", alpha[: 1 << (bits - 1)].astype(np.uint8).tobytes())
        yield Kind(
            f"palette, {bits} bits, half clear",
            png(_packed(values, bits), bits, 3, palette, opacity),
            _on_white(greys, alpha)[values],
        )
    for bits in (8, 16):
        for name, colour_type, channels in (("colour", 2, 3), ("grey", 4, 2), ("colour", 6, 4)):
            values = random.integers(0, 1 << bits, (28, 28, channels))
            eight = _to_8_bits(values, bits)
            seen = eight[..., :3] @ np.array(GREY_WEIGHTS) if channels > 2 else eight[..., 0]
            if channels % 2 == 0:
                seen = _on_white(seen, eight[..., -1])
                name += " with alpha"
            rows = _packed(values.reshape(28, -1), bits)
            yield Kind(f"{name}, {bits} bits", png(rows, bits, colour_type), seen)


def _packed(values: NDArray[Any], bits: int) -> list[bytes]:
    if bits >= 8:
        return [row.astype(f">u{bits // 8}").tobytes() for row in values]
    digits = (values[:, :, None] >> np.arange(bits)[::-1]) & 1
    return [np.packbits(row.astype(np.uint8)).tobytes() for row in digits.reshape(28, -1)]


def _to_8_bits(values: NDArray[Any], bits: int) -> NDArray[np.float64]:
    return (values >> 8 if bits == 16 else values * (255 // ((1 << bits) - 1))).astype(float)


def _on_white(grey: NDArray[Any], alpha: NDArray[Any]) -> NDArray[np.float64]:
    return grey * alpha / 255 + 255 - alpha
