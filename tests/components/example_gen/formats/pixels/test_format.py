from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.registry import format_of


def read(path, *others, size=1 << 20, csv=None, **pixels):
    """Images, other cells and what is bad."""
    options = FormatOptions.model_validate({"csv": csv or {}, "pixels": {"size": [2, 2], **pixels}})
    needed = ("image", "digit", *others)
    columns = Columns(needed, "digit", of_files=("image",), known=frozenset([*needed, "id"]))
    format_ = format_of("pixels", options, columns)
    assert format_.undeclared(str(path)) == []
    assert [*format_.contents(str(path))] == [str(path)]
    images: list[Any] = []
    cells: list[tuple[Any, ...]] = []
    bad: list[tuple[int | None, str]] = []
    for part in format_.ranges(str(path), size):
        for batch in format_.batches(part):
            images += batch.cells["image"]
            cells += zip(*(batch.cells[name] for name in ("digit", *others)), strict=True)
            bad += [(row.line, row.reason) for row in batch.bad]
    return images, cells, bad


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_columns_are_found_by_name_and_the_rest_are_pixels(tmp_path, size):
    path = tmp_path / "train.csv"
    path.write_text("id,p0,p1,digit,p2,p3,part\n9,0,1,7,128,255,test\n8,5,6,3,7,8,train\n")
    images, cells, bad = read(path, "part", size=size)
    assert images[0].dtype == np.uint8
    assert np.array_equal(images, [[[0, 1], [128, 255]], [[5, 6], [7, 8]]])
    assert cells == [("7", "test"), ("3", "train")]
    assert not bad


@pytest.mark.parametrize(
    ("header", "in_order"),
    [
        ("digit,pixel9,pixel10,pixel11,pixel12", [1, 2, 3, 4]),
        ("digit,pixel10,pixel11,pixel12,pixel9", [4, 1, 2, 3]),
        ("digit,3,2,1,0", [4, 3, 2, 1]),
        # What else is called otherwise may say rows and columns in either order.
        ("digit,1x2,1x1,2x2,2x1", [1, 2, 3, 4]),
        ("digit,1x1,1x10,1x2,1x9", [1, 3, 4, 2]),
        ("digit,r1,r0,g1,g0", [1, 2, 3, 4]),
        ("digit,p01,p1,p2,p3", [1, 2, 3, 4]),
    ],
)
def test_numbers_of_pixels_say_their_order_whatever_tool_sorted_them(tmp_path, header, in_order):
    path = tmp_path / "train.csv"
    path.write_text(f"{header}\n7,1,2,3,4\n")
    [image], cells, _ = read(path)
    assert image.reshape(-1).tolist() == in_order
    assert cells == [("7",)]


@pytest.mark.parametrize(("label", "row"), [("first", "4,0,8,16,2"), ("last", "0,8,16,2,4")])
def test_without_names_the_label_has_a_place(tmp_path, label, row):
    path = tmp_path / "digits.csv"
    path.write_text(f"{row}\n{row}\n")
    images, cells, _ = read(path, label=label, largest=16)
    assert np.array_equal(images, [[[0, 128], [255, 32]]] * 2)
    assert cells == [("4",), ("4",)]


def test_colours_of_a_pixel_stand_together(tmp_path):
    path = tmp_path / "digits.csv"
    path.write_text(",".join(map(str, range(12))) + ",1\n")
    [image], _, _ = read(path, label="last", channels=3)
    assert np.array_equal(image, np.arange(12).reshape(2, 2, 3))


def test_bad_pixels_are_told_with_their_line(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(
        "digit,a,b,c,d\n1,0,1,x,3\n2,0,1,2,300\n3,0,1,-1,3\n4,,1,2,3\n5,nan,1,2,3\n6,1,1,1,1\n"
    )
    images, cells, bad = read(path)
    assert cells == [("6",)]
    assert len(images) == 1
    assert bad == [
        (2, "column image holds 'x', which is no number"),
        (3, "column image holds the pixel 300, and data.pixels.largest is 255; correct one"),
        (4, "column image holds the pixel -1, and data.pixels.largest is 255; correct one"),
        (5, "column image holds '', which is no number"),
        (6, "column image holds the pixel nan, and data.pixels.largest is 255; correct one"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("digit,a,b,c\n1,0,1,2\n", "has 3 columns of pixels, and data.pixels speaks of 2 x 2"),
        ("digit,a,b,c,d,e\n", "has 5 columns of pixels"),
        ("label,a,b,c,d\n1,0,1,2,3\n", "has no column 'digit'"),
    ],
)
def test_another_table_is_refused(tmp_path, content, said):
    path = tmp_path / "train.csv"
    path.write_text(content)
    with pytest.raises(FormatError, match=said):
        read(path)
