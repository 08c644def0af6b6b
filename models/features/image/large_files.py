"""Image files as large as screens, scanners and cameras make them, of each kind there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from models.features.image.annotated import without_first
from models.features.image.picture_file import ORIENTATION, resized, saved
from models.features.image.rare_png import rare_png

_TURNED = 6
_MANY_SHADES = 64


def large_files(grey: Image.Image, colour: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yields names and files of two images of one size, mode L and RGB.

    A decoder, and what is done to its pixels, may have another way for what is large, and that for
    one kind of file only.
    """
    yield "PNG, 1280 × 800", _png(grey.resize((1280, 800), Image.Resampling.NEAREST))
    yield "PNG, colour, 480 × 1040", _png(resized(colour, 480, 1040))
    yield "PNG, colour, 400 × 300, grainy", _png(_grainy(colour, 400, 300))
    for mode, source, wide, high in (("RGBA", colour, 512, 512), ("LA", grey, 600, 400)):
        picture = resized(source, wide, high).convert(mode)
        picture.putalpha(Image.linear_gradient("L").resize((wide, high)))
        yield f"PNG of mode {mode}, {wide} × {high}", _png(picture)
    wide_screen = resized(colour, 640, 360)
    yield "PNG, palette, 640 × 360", _png(wide_screen.quantize(_MANY_SHADES))
    light, clear = resized(grey, 640, 480), Image.linear_gradient("L").resize((640, 480))
    deep = np.asarray(light, np.uint16) * 257 ^ np.asarray(clear)
    yield "PNG, 16 bit, 640 × 480", _png(Image.fromarray(deep))
    large = resized(colour, 640, 480)
    smaller = np.asarray(large.resize((512, 384)))
    yield "PNG, interlaced, 512 × 384", rare_png(smaller, interlaced=True)
    yield "PNG, two colours, 620 × 877", _png(resized(grey, 620, 877).convert("1"))

    yield "JPEG, 640 × 480", _jpeg(large)
    yield "JPEG, progressive, 720 × 480", _jpeg(resized(colour, 720, 480), progressive=True)
    yield "JPEG, four inks, 640 × 360", _jpeg(wide_screen.convert("CMYK"))
    yield "JPEG, grey, 512 × 512", _jpeg(resized(grey, 512, 512))
    yield "JPEG, 240 × 1600", _jpeg(resized(colour, 240, 1600))
    yield "JPEG, 1600 × 240", _jpeg(resized(colour, 1600, 240))
    yield "JPEG, 1500 × 2000", _jpeg(resized(colour, 1500, 2000), quality=60)
    exif = Image.Exif()
    exif[ORIENTATION] = _TURNED
    # As telephones write it: sideways, and with Exif where others have JFIF.
    yield (
        "JPEG, 1200 × 900, turned by Exif",
        without_first(_jpeg(resized(colour, 1200, 900), exif=exif)),
    )
    # As many bytes as a photo has: what is enlarged has few, whatever its size.
    yield "JPEG, 1200 × 900, grainy", _jpeg(_grainy(colour, 1200, 900), quality=90)


def _png(picture: Image.Image) -> bytes:
    return saved(picture, "png", compress_level=1)


def _jpeg(picture: Image.Image, **options: Any) -> bytes:
    return saved(picture, "jpeg", **options)


def _grainy(picture: Image.Image, width: int, height: int) -> Image.Image:
    pixels = np.asarray(resized(picture, width, height), np.int16)
    grain = np.random.default_rng(0).integers(-12, 13, pixels.shape)
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
