"""Image files of kinds that the formats know, and few programs write: depths, passes, samplings."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.features.image.picture_file import saved
from models.features.image.rare_jpeg import FULL, rare_jpeg
from models.features.image.rare_png import TRANSPARENT, rare_png

_FEW_BITS = (1, 2, 4)
_SAMPLINGS = {
    "half across": ((2, 1), FULL, FULL),
    "half down": ((1, 2), FULL, FULL),
    "a quarter across": ((4, 1), FULL, FULL),
}
"""Of the colours, each beside as many of brightness: 4:2:2, the same turned, and 4:1:1."""
_ADOBE, _INKS_AS_COLOURS = b"Adobe", 2
_BASELINE, _EXTENDED = b"\xff\xc0", b"\xff\xc1"


def rare_files(grey: NDArray[np.uint8], colour: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    """Yields names and files of two images of one size, [height, width] and [..., 3]."""
    yield from _pngs(grey, colour)
    yield from _jpegs(Image.fromarray(colour))


def _pngs(grey: NDArray[np.uint8], colour: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    slope = np.broadcast_to(np.linspace(0, 255, grey.shape[1]).astype(np.uint8), grey.shape)
    deep = colour.astype(np.uint16) * 257 ^ slope[..., np.newaxis]
    deep_grey = grey.astype(np.uint16) * 257 ^ slope
    deep_slope = slope.astype(np.uint16) * 257 ^ 77
    laced: dict[str, NDArray[Any]] = {
        "16 bit, colour": deep,
        "16 bit, colour and alpha": np.dstack([deep, deep_slope]),
        "16 bit, grey and alpha": np.dstack([deep_grey, deep_slope]),
    }
    for said, pixels in laced.items():
        yield f"PNG, interlaced, {said}", rare_png(pixels, interlaced=True)
    common = (TRANSPARENT, struct.pack(">3H", *deep[0, 0].tolist()))
    yield "PNG, 16 bit, colour with a transparent one", rare_png(deep, chunks=[common])
    seen = colour[0, 0].tolist()
    clear = (TRANSPARENT, struct.pack(">3H", *seen))
    yield (
        "PNG, interlaced, colour with a transparent one",
        rare_png(colour, interlaced=True, chunks=[clear]),
    )
    for bits, interlaced in itertools.product(_FEW_BITS, (False, True)):
        laced_too = "interlaced, " if interlaced else ""
        shade = (TRANSPARENT, struct.pack(">H", int(grey.min()) >> (8 - bits)))
        options: dict[str, Any] = {"bits": bits, "interlaced": interlaced}
        yield f"PNG, {laced_too}grey of {bits} bits", rare_png(grey, **options)
        yield (
            f"PNG, {laced_too}grey of {bits} bits with a transparent shade",
            rare_png(grey, chunks=[shade], **options),
        )
        palette = np.linspace([250, 0, 90], [10, 220, 0], 2**bits).astype(np.uint8)
        half_clear = (TRANSPARENT, bytes(range(0, 2**bits * 15, 15)))
        yield (
            f"PNG, {laced_too}palette of {bits} bits, half transparent",
            rare_png(grey, palette=palette, chunks=[half_clear], **options),
        )
        yield (
            f"PNG, {laced_too}palette of {bits} bits",
            rare_png(grey, palette=palette, **options),
        )


def _jpegs(painting: Image.Image) -> Iterator[tuple[str, bytes]]:
    for subsampling in (1, 2):
        told = f"JPEG, progressive, colours sampled in way {subsampling}"
        yield told, saved(painting, "jpeg", subsampling=subsampling, progressive=True)
    yield "JPEG, colours half across", saved(painting, "jpeg", subsampling=1)
    parts = np.asarray(painting.convert("YCbCr"))
    # Of another size than a block's multiple, too.
    for said, sampling in _SAMPLINGS.items():
        yield f"JPEG of blocks, colours {said}", rare_jpeg(parts, sampling)
    sampling = _SAMPLINGS["half across"]
    yield "JPEG of blocks, one colour after another", rare_jpeg(parts, sampling, one_by_one=True)
    plain = saved(painting, "jpeg")
    yield "JPEG, colour, quality 3", saved(painting, "jpeg", quality=3)
    yield "JPEG, of the extended kind", plain.replace(_BASELINE, _EXTENDED, 1)
    inks = saved(painting.convert("CMYK"), "jpeg")
    at = inks.index(_ADOBE) + len(_ADOBE) + 6
    yield (
        "JPEG, four inks, as brightness and colours",
        inks[:at] + bytes([_INKS_AS_COLOURS]) + inks[at + 1 :],
    )
