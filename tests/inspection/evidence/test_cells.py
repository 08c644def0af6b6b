from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from documents.features import Feature, Features, Label
from inspection.evidence.cells import MOST_SHOWN, Budget, cell_of, class_of, text_of
from tests.there import there

DECLARED = Features(
    features=(Feature(name="pixels", kind="image", options={"size": [2, 3], "channels": 3}),),
    label=Label(name="sort", kind="classes", values=("boot", "bag")),
)


def test_a_class_is_told_by_name_and_number() -> None:
    assert cell_of([1], "sort", DECLARED, Budget()).text == "bag (1)"
    assert cell_of([0], "sort", DECLARED, Budget()).text == "boot (0)"
    assert class_of(2, "sort", DECLARED) is None
    assert class_of(-1, "sort", DECLARED) is None
    assert class_of(1, "other", DECLARED) is None
    assert cell_of([2], "sort", DECLARED, Budget()).text == "2"


def test_pixels_are_a_picture_of_the_declared_size() -> None:
    pixels = bytes(range(18))
    shown = there(cell_of([pixels], "pixels", DECLARED, Budget()).picture)
    kind, _, content = shown.partition(",")
    assert kind == "data:image/png;base64"
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (image.size, image.mode, image.tobytes()) == ((3, 2), "RGB", pixels)


@pytest.mark.parametrize("pixels", [b"", bytes(17), bytes(19)])
def test_bytes_of_another_size_are_none(pixels: bytes) -> None:
    assert cell_of([pixels], "pixels", DECLARED, Budget()).picture is None


def test_pictures_end_where_the_page_has_enough_of_them() -> None:
    picture = b"GIF8" + bytes(996)
    budget = Budget(2500)
    shown = [cell_of([picture], "any", None, budget).picture for _ in range(3)]
    assert [each is not None for each in shown] == [True, True, False]


def test_a_value_is_short_text() -> None:
    assert text_of([1.5, b"a", 2]) == "1.5, a, 2"
    assert text_of([b"\xff\xfe"]) == "2 bytes"
    assert len(text_of([b"x" * 10_000])) <= MOST_SHOWN
    assert (
        cell_of([], "any", None, Budget()).text == cell_of(None, "any", None, Budget()).text == ""
    )
