"""What a graph calls columns."""

from __future__ import annotations

from models.features.category.kind import Category
from models.features.image.kind import Image
from models.signature_inputs import plain_names


def test_names_are_plain_and_never_the_same() -> None:
    kinds = {
        name: Category(kind="category")
        for name in ("fare", "Café", "column_1", "Column_4", "image_bytes", "ß", "Tip", "tip")
    }
    photo = Image(kind="image", size=(8, 8))
    found = plain_names({**kinds, "photo": photo, "image_bytes_6": photo})
    # Of names that differ in case alone TensorFlow takes one.
    assert len({plain.lower() for plain in found.values()}) == len(found)
    assert found["fare"] == "fare"
    assert {name for name, plain in found.items() if "image_bytes" in plain} == {
        "photo",
        "image_bytes_6",
    }
