from __future__ import annotations

import numpy as np
import pytest

from models import confusion


def test_rows_are_labels_and_columns_predictions() -> None:
    matrix = confusion.confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 1]), 3)
    assert matrix.tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert confusion.accuracy(matrix) == 0.5


def test_the_picture_is_darkest_where_most_examples_are() -> None:
    names = ["T-shirt/top", "Trouser", "Bag"]
    picture = confusion.draw(np.array([[9, 1, 0], [0, 10, 0], [0, 0, 0]]), names)
    assert picture.dtype == np.uint8

    def brightness(row: int, column: int) -> float:
        corner = [confusion.MARGIN + confusion.CELL * place + 3 for place in (row, column)]
        return float(picture[corner[0], corner[1]].mean())

    assert brightness(1, 1) < brightness(0, 0) < brightness(0, 1) < brightness(0, 2) == 255


@pytest.mark.parametrize("side", ["rows", "columns"])
def test_the_picture_names_both_sides(side: str) -> None:
    picture = confusion.draw(np.eye(2, dtype=np.int64), ["Ankle boot", "Bag"])
    margin = picture[confusion.MARGIN :, : confusion.MARGIN - 2]
    if side == "columns":
        margin = picture[: confusion.MARGIN - 2, confusion.MARGIN :]
    assert (margin < 128).sum() > 100
