"""The pixels that a model sees of a picture, without TensorFlow.

The rule is that of models/features/image/pictures.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from documents.pictures.formats import flat, opened

BACKGROUND = 0
"""What is left free becomes black, the ground of the data."""


def fitted(
    content: bytes, name: str, height: int, width: int, channels: int = 1
) -> NDArray[np.uint8]:
    """Pixels of an image file, uint8, as long as [height, width] on one side at least.

    They are grey, or have a third axis of colours where `channels` are 3.

    They are what the model sees before it fills in the rest, to one or two grey levels: here they
    are rounded more than once.

    Raises:
      PictureError: it is no image, damaged or too large.
    """
    with opened(content, name) as image:
        if channels == 1:
            image.draft("L", None)  # A JPEG holds grey; this is it.
        picture = flat(image).convert("L" if channels == 1 else "RGB")
    size = np.array([picture.height, picture.width], np.float32)
    room = np.array([height, width], np.float32)
    rows, columns = np.maximum(np.round(size * (room / size).min()), 1).astype(int)
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BILINEAR), np.uint8)


def letterboxed(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """`pixels` in the middle of uint8 [height, width], or [height, width, 3]."""
    free = np.array([height, width]) - pixels.shape[:2]
    padding = [(before, both - before) for before, both in zip(free // 2, free, strict=True)]
    padding += [(0, 0)] * (pixels.ndim - 2)
    return np.pad(pixels, padding, constant_values=BACKGROUND)


def seen(
    content: bytes, name: str, height: int, width: int, channels: int = 1
) -> NDArray[np.uint8]:
    """What the model sees of an image file, uint8 [height, width], or [height, width, 3].

    Raises:
      PictureError: it is no image, damaged or too large.
    """
    return letterboxed(fitted(content, name, height, width, channels), height, width)


def is_light(pixels: NDArray[np.uint8]) -> bool:
    """Whether the corners of a picture [height, width, …] are, as of things on white."""
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]].reshape(4, -1)
    return int((corners.mean(axis=1) > 128).sum()) > 2
