"""Which labels are taken for which: counts, accuracy, and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CELL = 44
"""Pixels of one side of a cell."""
MARGIN = 96
"""Pixels left of and above the cells, for the names."""
BLUE = np.array([8, 81, 156])


def confusion_matrix(
    labels: NDArray[np.integer[Any]], predictions: NDArray[np.integer[Any]], classes: int
) -> NDArray[np.int64]:
    """Counts [classes, classes]: rows are true labels, columns what they were taken for."""
    cells = np.asarray(labels, np.int64) * classes + predictions
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def accuracy(matrix: NDArray[np.int64]) -> float:
    """The part, 0 to 1, of all examples on the diagonal of counts [classes, classes]."""
    return float(np.trace(matrix) / matrix.sum())


def draw(matrix: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.uint8]:
    """A picture of the matrix, uint8 [height, width, 3]: cells in percent of their row."""
    size = MARGIN + CELL * len(names) + CELL // 2
    image = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default()
    rows = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, rows, out=np.zeros(matrix.shape), where=rows > 0)
    for row, name in enumerate(names):
        place = MARGIN + CELL * row + CELL // 2
        pen.text((MARGIN - 8, place), name, fill="black", font=font, anchor="rm")
        _write_upwards(image, name, (place, MARGIN - 8), font)
        for column in range(len(names)):
            share = shares[row, column]
            left, top = MARGIN + CELL * column, MARGIN + CELL * row
            # The root makes the rare confusions visible beside the diagonal.
            shade = 255 + (BLUE - 255) * np.sqrt(share)
            fill = tuple(int(value) for value in shade)
            pen.rectangle((left, top, left + CELL - 2, top + CELL - 2), fill=fill)
            if matrix[row, column]:
                centre = (left + CELL // 2, top + CELL // 2)
                ink = "white" if share > 0.3 else "black"
                pen.text(centre, f"{100 * share:.1f}", fill=ink, font=font, anchor="mm")
    return np.asarray(image)


def _write_upwards(
    image: Image.Image,
    text: str,
    bottom: tuple[int, int],
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    """Writes a column's name from its cells up, as ten names side by side would overlap."""
    width = int(ImageDraw.Draw(image).textlength(text, font=font)) + 2
    line = Image.new("RGB", (width, 14), "white")
    ImageDraw.Draw(line).text((0, 7), text, fill="black", font=font, anchor="lm")
    upright = line.rotate(90, expand=True)
    image.paste(upright, (bottom[0] - upright.width // 2, bottom[1] - upright.height))
