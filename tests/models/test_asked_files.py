"""Image files that stand in rows."""

from __future__ import annotations

import numpy as np
import pytest

from models import asked_files
from models.asked_files import files_of_rows
from models.features.image.kind import Image
from models.features.image.png import png

SIZES = {"photo": (6, 8, 3), "scan": (5, 4)}
IMAGES = {
    name: Image(kind="image", size=(size[0], size[1]), channels=3 if len(size) > 2 else 1)
    for name, size in SIZES.items()
}
_random = np.random.default_rng(0)
ROWS = [
    {name: _random.integers(0, 256, size, np.uint8).tobytes() for name, size in SIZES.items()}
    for _ in range(7)
]


def test_the_file_of_another_column_stands_beside_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_files, "image_files", lambda real: [("PNG", png(real[0]))])
    monkeypatch.setattr(asked_files, "mixed_files", lambda real, random: [])
    found = [*files_of_rows(IMAGES, ROWS, np.random.default_rng(0))]
    assert [each.feature for each in found] == ["photo", "scan", "photo", "scan"]
    for place, other in ((2, "scan"), (3, "photo")):
        pixels = np.frombuffer(ROWS[place][other], np.uint8).reshape(SIZES[other])
        assert found[place].content == png(pixels)
        assert found[place].name.endswith(f": the file of {other}")
        assert len(found[place].pixels or b"") == IMAGES[found[place].feature].nbytes


def test_of_many_images_large_files_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [("small", b"x" * 10), ("large", b"x" * 90), ("smaller", b"x")]
    monkeypatch.setattr(asked_files, "image_files", lambda real: files)
    monkeypatch.setattr(asked_files, "mixed_files", lambda real, random: [])
    monkeypatch.setattr(asked_files, "_ROOM", 160)
    found = [*files_of_rows(IMAGES, ROWS[:1], np.random.default_rng(0))]
    assert [each.name for each in found[:4]] == [
        *("photo: small", "photo: smaller", "scan: small", "scan: smaller"),
    ]
    assert all(each.pixels is None for each in found[:4])
    alone = {"scan": IMAGES["scan"]}
    found = [*files_of_rows(alone, ROWS, np.random.default_rng(0))]
    assert [each.name for each in found] == ["scan: small", "scan: large", "scan: smaller"]
