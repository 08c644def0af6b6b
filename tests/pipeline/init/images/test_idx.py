"""What headers and labels of IDX files tell."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from components.example_gen.formats.format import FormatError
from pipeline.init.images.idx import look


def write(folder: Path, before: str, labels: list[int], shape: tuple[int, ...] = (3, 2)) -> None:
    images = np.zeros((len(labels), *shape), np.uint8)
    for kind, values in (("images", images), ("labels", np.array(labels, np.uint8))):
        head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
        name = f"{before}-{kind}-idx{values.ndim}-ubyte"
        (folder / name).write_bytes(head + values.tobytes())


def test_a_folder_of_other_files_is_left_to_others(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"png")
    assert look(tmp_path) is None


def test_sizes_classes_and_their_counts_are_told(tmp_path: Path):
    write(tmp_path, "train", [1, 2, 2])
    write(tmp_path, "t10k", [1])
    report = look(tmp_path)
    assert report is not None
    assert report.size == [3, 2]
    assert not report.is_coloured
    assert report.classes == {"1": 2, "2": 2}
    assert report.values == {"values": ["1", "2"], "first": 1}


def test_images_with_colours_have_three_numbers_to_a_pixel(tmp_path: Path):
    write(tmp_path, "train", [0], (3, 2, 3))
    report = look(tmp_path)
    assert report is not None
    assert report.is_coloured
    assert report.size == [3, 2]


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        ([0, 1, 2], {"values": ["0", "1", "2"]}),
        ([4, 5], {"values": ["4", "5"], "first": 4}),
        # Numbers with gaps are names; nobody can say what stands between.
        ([9, 3], {"values": {"3": "3", "9": "9"}}),
    ],
)
def test_numbers_of_classes_are_settings(tmp_path: Path, labels, values):
    write(tmp_path, "train", labels)
    report = look(tmp_path)
    assert report is not None
    assert report.values == values


def test_files_called_train_split_the_data_others_do_not(tmp_path: Path):
    write(tmp_path, "digits", [0, 1])
    report = look(tmp_path)
    assert report is not None
    assert report.data == {}
    write(tmp_path, "train", [0, 1])
    report = look(tmp_path)
    assert report is not None
    assert report.data["split"] == {"by": "column", "column": "file", "eval_from_train": True}


def test_images_of_two_sizes_are_refused_by_name(tmp_path: Path):
    write(tmp_path, "a", [0])
    write(tmp_path, "b", [0], (4, 4))
    with pytest.raises(FormatError, match=r"b-images.* holds images of another size than .*a-ima"):
        look(tmp_path)


@pytest.mark.parametrize(
    ("mapping", "values"),
    [
        ("1 65 97\n2 66 98\n3 67 99\n", {"values": ["A", "B"], "first": 1}),
        ("1 48\n2 49\n\n", {"values": ["1", "2"], "first": 1}),
        ("1 65\n", {"values": ["1", "2"], "first": 1}),
        ("1 65\n2 65\n", {"values": ["1", "2"], "first": 1}),
        ("1 65\n2 10\n", {"values": ["1", "2"], "first": 1}),
        ("1 65\n2 99999999999\n", {"values": ["1", "2"], "first": 1}),
        ("see the paper", {"values": ["1", "2"], "first": 1}),
    ],
    ids=["letters", "an empty line", "too few", "one name twice", "no sign", "no code", "prose"],
)
def test_a_mapping_beside_the_files_names_the_classes(tmp_path: Path, mapping, values):
    write(tmp_path, "emnist-letters-train", [1, 2, 2])
    (tmp_path / "emnist-letters-mapping.txt").write_text(mapping)
    report = look(tmp_path)
    assert report is not None
    assert report.values == values
    assert report.classes == dict(zip(values["values"], (1, 2), strict=True))


def test_a_mapping_of_numbers_with_gaps_says_which_is_which(tmp_path: Path):
    write(tmp_path, "train", [10, 36])
    (tmp_path / "mapping.txt").write_text("10 65\n36 97\n")
    report = look(tmp_path)
    assert report is not None
    assert report.values == {"values": {"10": "A", "36": "a"}}
