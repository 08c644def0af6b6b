"""Image files in every encoding that clients send: colour, alpha, depth, size, and what is none."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from documents.pictures.size import LARGEST_PICTURE
from models.features.image.annotated import annotated_files
from models.features.image.foreign_files import foreign_files
from models.features.image.large_files import large_files
from models.features.image.picture_file import ORIENTATION, resized, saved
from models.features.image.rare_files import rare_files
from models.features.image.rare_png import TRANSPARENT, blank_png, rare_png

_END = 12
"""Bytes of a PNG file's last chunk, which says that it is over."""

_USUAL, _PAINTED = (32, 64, 100, 128, 224, 256), (64, 224)
"""Sides of squares as other models take and programs make them, and which of these are coloured."""


def image_files(images: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    """Yields names and files.

    Args:
      images: real ones, uint8 [at least 4, height, width] or, in colour, [..., 3].
    """
    if images.ndim == 3:
        grey, colour = images[0], np.stack([images[1], images[2], images[3]], axis=-1)
    else:
        grey, colour = images[0, ..., 1], images[1]
    picture, painting = Image.fromarray(grey), Image.fromarray(colour)
    yield from _pngs(grey, colour)
    yield from _optimised_pngs(grey, colour)
    yield from _jpegs(picture, painting)
    yield from _bmps_and_gifs(grey, colour)
    yield from annotated_files(picture, painting)
    yield from rare_files(grey, colour)
    yield from large_files(picture, painting)
    yield from _sizes(grey, colour)
    yield from _no_pictures(painting)


def _pngs(grey: NDArray[np.uint8], colour: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    """By depth, colour and alpha; of two images of one size, [height, width] and [..., 3]."""
    picture, painting, slope = Image.fromarray(grey), Image.fromarray(colour), _slope(grey)
    yield "PNG, grey", saved(picture, "png")
    yield "PNG, colour", saved(painting, "png")
    yield "PNG, colour and alpha", saved(Image.fromarray(np.dstack([colour, slope])), "png")
    yield "PNG, grey and alpha", saved(Image.fromarray(np.dstack([grey, slope])), "png")
    clear = np.dstack([colour, np.zeros_like(slope)])
    yield "PNG, all transparent", saved(Image.fromarray(clear), "png")
    palette = _palette(painting)
    yield "PNG, palette", saved(palette, "png")
    yield "PNG, palette with a transparent colour", saved(palette, "png", transparency=0)
    yield "PNG, palette of four", saved(painting.quantize(4), "png", bits=2)
    yield "PNG, two colours", saved(picture.convert("1"), "png")
    common = tuple(np.unique(colour.reshape(-1, 3), axis=0)[0].tolist())
    yield "PNG, colour with a transparent one", saved(painting, "png", transparency=common)
    yield "PNG, grey with a transparent shade", saved(picture, "png", transparency=int(grey[0, 0]))
    gamma = PngInfo()
    gamma.add(b"gAMA", struct.pack(">I", 100_000))
    yield "PNG, with a gamma of its own", saved(painting, "png", pnginfo=gamma)
    yield "PNG, with bytes behind it", saved(picture, "png") + bytes(100)
    yield "PNG, 16 bit", rare_png(_deep(grey))
    yield "PNG, 16 bit, colour", rare_png(colour.astype(np.uint16) * 257 ^ slope[..., None])
    deep_clear = np.dstack([colour, slope]).astype(np.uint16) * 257 ^ 77
    yield "PNG, 16 bit, colour and alpha", rare_png(deep_clear)
    yield "PNG, interlaced", rare_png(grey, interlaced=True)
    yield "PNG, interlaced, colour", rare_png(colour, interlaced=True)
    yield "PNG, interlaced, colour and alpha", rare_png(np.dstack([colour, slope]), interlaced=True)
    deep_slope = np.dstack([grey, slope]).astype(np.uint16) * 257 ^ 77
    yield "PNG, 16 bit, grey and alpha", rare_png(deep_slope)
    yield "PNG, palette of sixteen", saved(painting.quantize(16), "png", bits=4)


def _optimised_pngs(
    grey: NDArray[np.uint8], colour: NDArray[np.uint8]
) -> Iterator[tuple[str, bytes]]:
    """What optimisers and scanners write."""
    palette, deep = _palette(Image.fromarray(colour)), _deep(grey)
    few_bits, colours = np.asarray(palette), np.array(palette.getpalette()).reshape(-1, 3)
    yield "PNG, interlaced, palette", rare_png(few_bits, interlaced=True, palette=colours)
    with_alpha = np.dstack([grey, _slope(grey)])
    yield "PNG, interlaced, grey and alpha", rare_png(with_alpha, interlaced=True)
    yield "PNG, interlaced, 16 bit", rare_png(deep, interlaced=True)
    yield "PNG, interlaced, two colours", rare_png(grey, interlaced=True, bits=1)
    shade = (TRANSPARENT, struct.pack(">H", deep[0, 0]))
    yield "PNG, 16 bit, with a transparent shade", rare_png(deep, chunks=(shade,))
    half_clear = bytes(range(0, 256, 4))
    yield "PNG, palette, half transparent", saved(palette, "png", transparency=half_clear)


def _jpegs(picture: Image.Image, painting: Image.Image) -> Iterator[tuple[str, bytes]]:
    """By quality and colour, and what Exif turns, which a PNG file may have as well."""
    yield "JPEG, grey, quality 100", saved(picture, "jpeg", quality=100)
    yield "JPEG, colour, quality 100", saved(painting, "jpeg", quality=100)
    yield "JPEG, colour at full size", saved(painting, "jpeg", subsampling=0)
    for said, source, side, quality in (
        *(("grey", picture, 32, 75), ("grey", picture, 64, 20)),
        *(("colour", painting, 224, 75), ("colour", painting, 128, 20)),
    ):
        square = resized(source, side, side)
        yield (
            f"JPEG, {said}, quality {quality}, {side} × {side}",
            saved(square, "jpeg", quality=quality),
        )
    yield "JPEG, progressive", saved(painting, "jpeg", progressive=True)
    yield "JPEG, with bytes behind it", saved(painting, "jpeg") + bytes(100)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    yield "JPEG, turned by Exif", saved(painting, "jpeg", exif=exif)
    yield "PNG, turned by Exif", saved(painting, "png", exif=exif)
    exif.endian = "<"  # As most cameras write it; Pillow begins with the greater bytes.
    yield "JPEG, turned by Exif of lesser bytes first", saved(painting, "jpeg", exif=exif)
    yield "JPEG, four inks", saved(painting.convert("CMYK"), "jpeg")


def _bmps_and_gifs(
    grey: NDArray[np.uint8], colour: NDArray[np.uint8]
) -> Iterator[tuple[str, bytes]]:
    painting = Image.fromarray(colour)
    palette = _palette(painting)
    yield "BMP, grey", saved(Image.fromarray(grey), "bmp")
    yield "BMP, colour", saved(painting, "bmp")
    with_alpha = Image.fromarray(np.dstack([colour, _slope(grey)]))
    yield "BMP, colour and alpha", saved(with_alpha, "bmp")
    yield "GIF", saved(palette, "gif")
    yield "GIF, with a transparent colour", saved(palette, "gif", transparency=0)
    yield "GIF, moving", saved(palette, "gif", save_all=True, append_images=[painting.quantize(8)])


def _sizes(grey: NDArray[np.uint8], colour: NDArray[np.uint8]) -> Iterator[tuple[str, bytes]]:
    """Other sizes and shapes than that of the images."""
    picture, painting = Image.fromarray(grey), Image.fromarray(colour)
    height, width = grey.shape
    for wide, high in (
        (1, 1),
        (1, 50),
        (50, 1),
        (200, 3),
        (3 * width, height),
        (width, 3 * height),
    ):
        yield f"PNG, {wide} × {high}", saved(resized(picture, wide, high), "png")
    for wide, high in (
        *((width // 2, height // 2), (width - 1, height + 1), (2 * width, 2 * height)),
        (width + 1, height + 1),
    ):
        yield f"PNG, colour, {wide} × {high}", saved(resized(painting, wide, high), "png")
    for side in _USUAL:
        square = resized(painting if side in _PAINTED else picture, side, side)
        yield f"PNG, {side} × {side}", saved(square, "png")
    yield "JPEG, 6 × 5", saved(resized(painting, 6, 5), "jpeg")
    alpha = resized(Image.fromarray(np.dstack([colour, _slope(grey)])), 300, 100)
    yield "PNG, colour and alpha, 300 × 100", saved(alpha, "png")


def _no_pictures(painting: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Other formats, and files that are damaged, too large or no pictures at all."""
    yield "WebP", saved(painting, "webp")
    yield "TIFF", saved(painting, "tiff")
    yield "PNG, cut short", saved(painting, "png")[:-200]
    yield "JPEG, cut short", saved(painting, "jpeg")[:-200]
    file = saved(painting, "png")
    yield "PNG, without its end", file[:-_END]
    yield "PNG, without its last byte", file[:-1]
    at = file.index(b"IDAT") - 5
    yield "PNG, with a wrong checksum", file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
    yield "JPEG, without its last two bytes", saved(painting, "jpeg")[:-2]
    side = 1 + math.isqrt(LARGEST_PICTURE)
    yield "PNG, of too many pixels", blank_png(side, side)
    yield "PNG, only its head", saved(painting, "png")[:40]
    yield from foreign_files(file)
    yield "a text", b"not an image"
    yield "no bytes", b""


def _slope(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of the size of an image, [height, width], and brighter from left to right."""
    height, width = grey.shape
    return np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))


def _deep(grey: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The image in 16 bits, all of which are used."""
    return (grey.astype(np.uint16) * 257 ^ _slope(grey)).astype(np.uint16)


def _palette(painting: Image.Image) -> Image.Image:
    return painting.quantize(64)
