"""The pixels that a model sees of a picture, without TensorFlow.

The rule is that of models/features/image/pictures.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from serving.picture_formats import flat, opened

BACKGROUND = 0
"""What is left free becomes black, the ground of the data."""


def fitted(content: bytes, name: str, height: int, width: int) -> NDArray[np.uint8]:
    """Grey pixels of an image file, uint8, as long as [height, width] on one side at least.

    They are what the model sees before it fills in the rest, to one or two grey levels: here they
    are rounded more than once.

    Raises:
      PictureError: it is no image, damaged or too large.
    """
    with opened(content, name) as image:
        image.draft("L", None)  # A JPEG holds grey; this is it.
        grey = flat(image).convert("L")
    size = np.array([grey.height, grey.width], np.float32)
    room = np.array([height, width], np.float32)
    rows, columns = np.maximum(np.round(size * (room / size).min()), 1).astype(int)
    return np.asarray(grey.resize((columns, rows), Image.Resampling.BILINEAR), np.uint8)


def letterboxed(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """`pixels` in the middle of uint8 [height, width]."""
    free = np.array([height, width]) - pixels.shape
    padding = [(before, both - before) for before, both in zip(free // 2, free, strict=True)]
    return np.pad(pixels, padding, constant_values=BACKGROUND)


def seen(content: bytes, name: str, height: int, width: int) -> NDArray[np.uint8]:
    """What the model sees of an image file, uint8 [height, width].

    Raises:
      PictureError: it is no image, damaged or too large.
    """
    return letterboxed(fitted(content, name, height, width), height, width)


def is_light(pixels: NDArray[np.uint8]) -> bool:
    """Whether the corners are, as in photos of things on white."""
    return int((pixels[[0, 0, -1, -1], [0, -1, 0, -1]] > 128).sum()) > 2
