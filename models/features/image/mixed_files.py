"""Image files as any client may send them: size, mode, format and orientation by chance."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.features.image.annotated import without_first
from models.features.image.mixtures import mixed_images
from models.features.image.picture_file import ORIENTATION, saved
from models.features.image.rare_png import rare_png

COUNT = 24
_LONGEST = 400
"""Pixels of a side."""
_SIDES = (32, 200)
"""The long side of what is square or as of a camera, but not as large."""
_NEAR = 4
"""Pixels of a side more or fewer than a model's own."""
_CAMERAS = ((4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Long side and short one."""
_PNG = ("L", "LA", "RGB", "RGBA", "P", "1", "I;16")
_LACED = ("L", "LA", "RGB", "RGBA")
_JPEG = ("RGB", "L", "RGB", "CMYK")
_OF_JFIF = ("RGB", "L")


def mixed_files(
    images: NDArray[np.uint8], random: np.random.Generator
) -> Iterator[tuple[str, bytes]]:
    """Yields names and files, PNG and JPEG in turn.

    Args:
      images: real ones, uint8 [at least 1, height, width] or, in colour, [..., 3].
      random: decides everything.
    """
    made = [image for _, image in mixed_images(images, random)]
    # In turn rather than by chance, so that none is left out.
    modes = {each: itertools.cycle(random.permutation(each).tolist()) for each in (_PNG, _JPEG)}
    turns = itertools.cycle(random.permutation(8).tolist())
    for number in range(1, COUNT + 1):
        picture = Image.fromarray(made[number % len(made)]).convert("RGB")
        width, height = _size(number // 2, picture.size, random)
        picture = picture.resize((max(width, 1), max(height, 1)), Image.Resampling.BILINEAR)
        if number % 2:
            said, content = _jpeg(picture, next(modes[_JPEG]), next(turns) + 1, random)
        else:
            said, content = _png(picture, next(modes[_PNG]), random)
        yield f"{said}, {picture.width} × {picture.height} (mixture {number})", content


def _size(turn: int, own: tuple[int, int], random: np.random.Generator) -> tuple[int, int]:
    """Width and height: any, as many small as large; square; as a camera has them; or nearly those
    that the model sees."""
    wide, high = (int(size) for size in np.exp(random.uniform(0, np.log(_LONGEST), 2)))
    side = int(random.integers(*_SIDES))
    long, short = _CAMERAS[random.integers(len(_CAMERAS))]
    of_camera = (side, side * short // long), (side * short // long, side)
    near = random.integers(-_NEAR, _NEAR + 1, 2).tolist()
    beside = (
        max(1, min(own[0], _LONGEST) + near[0]),
        max(1, min(own[1], _LONGEST) + near[1]),
    )
    return ((wide, high), (side, side), of_camera[random.integers(2)], beside)[turn % 4]


def _png(picture: Image.Image, mode: str, random: np.random.Generator) -> tuple[str, bytes]:
    options: dict[str, Any] = {}
    if mode == "I;16":
        grey = np.asarray(picture.convert("L"), np.uint16) * 257
        grey ^= random.integers(0, 256, grey.shape, np.uint16)
        found = Image.fromarray(grey)
    elif mode == "P":
        found = picture.quantize(int(random.integers(2, 257)))
        options = {"transparency": 0} if random.random() < 0.5 else {}
    else:
        found = picture.convert(mode)
        if mode in ("LA", "RGBA"):
            shape = (picture.height, picture.width)
            alpha = random.integers(0, 256, shape, np.uint8)
            found.putalpha(Image.fromarray(alpha))
        if mode in _LACED and random.random() < 0.4:
            return f"interlaced PNG of mode {mode}", rare_png(np.asarray(found), interlaced=True)
    return f"PNG of mode {mode}{', see-through' if options else ''}", saved(found, "png", **options)


def _jpeg(
    picture: Image.Image, mode: str, turn: int, random: np.random.Generator
) -> tuple[str, bytes]:
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    exif.endian = "<" if random.random() < 0.5 else ">"
    content = saved(
        picture.convert(mode),
        "jpeg",
        exif=exif,
        quality=int(random.integers(15, 101)),
        progressive=bool(random.integers(2)),
        subsampling=int(random.integers(3)),
    )
    # Cameras begin with Exif, where programs begin with JFIF.
    if mode in _OF_JFIF and random.random() < 0.5:
        content = without_first(content)
    return f"JPEG of mode {mode}, turned as Exif has it ({turn})", content
