"""Image files that stand in rows."""

from __future__ import annotations

import numpy as np
import pytest

from models.features.image.kind import Image
from models.features.image.png import png
from models.reference import asked_files
from models.reference.asked_files import (
    AskedFile,
    files_of_rows,
    is_written,
    question_of_row,
    rows_of_files,
)

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


@pytest.mark.medium
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


@pytest.mark.medium
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


def test_all_images_of_a_row_are_jpegs_or_whatever_else() -> None:
    jpeg, other = b"\xff\xd8\xff jpeg", b"\x89PNG"
    files = [
        AskedFile(name, f"{name}: {number}", content, pixels)
        for name in SIZES
        for number, (content, pixels) in enumerate(
            [(other, b"x"), (jpeg, b"y"), (jpeg + b"2", b"z"), (jpeg, None), (jpeg * 9_999, b"w")]
        )
    ]
    rows = [{"fare": float(number)} for number in range(30)]
    made = [*rows_of_files(files, rows)]
    assert [row for _, row in made] == rows
    assert all({*chosen} == {*SIZES} for chosen, _ in made)
    found = [[file.content for file in chosen.values()] for chosen, _ in made]
    assert all(content.startswith(jpeg) for number in (0, 1, 3, 4) for content in found[number])
    # Of one kind and of two; none that is refused, and none that is large.
    assert {tuple(content == other for content in each) for each in found} >= {
        *((False, False), (True, False), (False, True))
    }
    assert all(file.pixels in (b"x", b"y", b"z") for chosen, _ in made for file in chosen.values())
    assert [*rows_of_files([], rows)] == [*rows_of_files(files[3:5], rows)] == []


def test_a_row_of_files_is_a_question_about_one_beside_the_others() -> None:
    chosen = {name: AskedFile(name, f"{name}: x", name.encode(), b"") for name in SIZES}
    question = question_of_row(chosen, {"fare": None, "word": b"w"}, (0.5,))
    assert (question.feature, question.content) == ("photo", b"photo")
    assert question.cells == {"fare": None, "word": b"w", "scan": b"scan"}
    assert is_written({"fare": 1.0, "word": b"nan", "none": None})
    assert not is_written({"fare": float("inf")})
    assert not is_written({"fare": float("nan")})
