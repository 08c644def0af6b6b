"""Images at the edges of what is legal: where a wrong model answers otherwise than a right one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

BRIGHTEST = 255
_SEED = 0
_SHADES = 16
"""From one picture of one shade to the next one."""


def edge_images(image: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yields names and images of the shape of `image`, a real one, uint8 [height, width] or, in
    colour, [height, width, 3]."""
    height, width = image.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    random = np.random.default_rng(_SEED)

    def single(row: int, column: int) -> NDArray[np.uint8]:
        black = np.zeros_like(image)
        black[row, column] = BRIGHTEST
        return black

    def scaled(values: NDArray[Any]) -> NDArray[np.uint8]:
        grey = (values.astype(int) * BRIGHTEST // max(int(values.max()), 1)).astype(np.uint8)
        return np.broadcast_to(grey.T, image.T.shape).T.copy()

    yield "all zero", np.zeros_like(image)
    yield "all full", np.full_like(image, BRIGHTEST)
    yield "all one", np.ones_like(image)
    yield "one bright pixel in the middle", single(height // 2, width // 2)
    yield "one bright pixel at the start", single(0, 0)
    yield "one bright pixel at the end", single(-1, -1)
    yield "a thin line", scaled(rows * width // height == columns)
    middle = (np.abs(2 * rows - height + 1) < height - 4) & (
        np.abs(2 * columns - width + 1) < width - 4
    )
    yield "a bright frame", scaled(~middle)
    yield "from left to right", scaled(columns)
    yield "from bottom to top", scaled(rows[::-1])
    yield "checkerboard", scaled((rows + columns) % 2)
    yield "noise", random.integers(0, BRIGHTEST + 1, image.shape, np.uint8)
    yield "sparse noise", scaled(random.random((height, width)) > 0.95)
    yield "inverted", ~image
    yield "mirrored", image[:, ::-1].copy()
    yield "upside down", image[::-1].copy()
    yield "faint", image >> np.uint8(4)
    # The plainest pictures of all, which chance alone shows too few of.
    for shade in range(_SHADES, BRIGHTEST, _SHADES):
        yield f"all {shade}", np.full_like(image, shade)
