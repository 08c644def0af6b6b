from __future__ import annotations

import gzip
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.registry import format_of
from models.declaration import Declaration
from tests.components.example_gen.rows.node import read as read_examples
from tests.components.example_gen.rows.node import run

IMAGES = np.random.default_rng(0).integers(0, 256, (90, 3, 2), dtype=np.uint8)
LABELS = (np.arange(90) % 3 + 1).astype(np.uint8)
LETTERS = Declaration.model_validate(
    {
        "features": {"image": {"kind": "image", "size": [3, 2]}},
        "label": {"name": "letter", "kind": "classes", "values": ["A", "B", "C"], "first": 1},
    }
)


def idx(values: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


def write(
    folder: Path,
    before: str,
    images: NDArray[np.uint8] = IMAGES,
    labels: NDArray[np.uint8] = LABELS,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{before}-images-idx{images.ndim}-ubyte").write_bytes(idx(images))
    packed = gzip.compress(idx(labels))
    (folder / f"{before}-labels-idx1-ubyte.gz").write_bytes(packed)


def read(path: Path, *needed: str, size: int = 1 << 20):
    """Cells of every row, with their lines."""
    columns = Columns(("image", "letter", *needed), "letter", of_files=("image",))
    format_ = format_of("idx", FormatOptions(), columns)
    rows: list[Any] = []
    lines: list[int | None] = []
    for source in format_.sources([str(path)]):
        assert [Path(file).name for file in format_.contents(source)][1].count("labels-idx1")
        for part in format_.ranges(source, size):
            for batch in format_.batches(part):
                rows += zip(*(batch.cells[name] for name in columns.needed), strict=True)
                lines += batch.lines
    return rows, lines


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_every_image_is_read_once(tmp_path: Path, size: int) -> None:
    write(tmp_path, "emnist-letters-train")
    rows, lines = read(tmp_path, "file", size=size)
    assert np.array_equal([image for image, _, _ in rows], IMAGES)
    assert [label for _, label, _ in rows] == LABELS.tolist()
    assert {file for _, _, file in rows} == {"train"}
    assert lines == [*range(1, 91)]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train", "train"),
        ("t10k", "test"),
        ("emnist-byclass-test", "test"),
        ("kmnist_val", "eval"),
        ("all", None),
    ],
)
def test_the_name_of_a_file_says_its_split(tmp_path: Path, name: str, split: str | None) -> None:
    write(tmp_path, name)
    assert read(tmp_path, "file")[0][0][2] == split


def test_a_copy_beside_a_packed_file_is_not_read_again(tmp_path: Path) -> None:
    write(tmp_path, "train")
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(IMAGES)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
    assert len(read(tmp_path)[0]) == 90


@pytest.mark.medium
def test_a_packed_file_is_inflated_once_for_all_ranges(
    tmp_path: Path, inflated: Counter[str]
) -> None:
    split = {"train": 8, "eval": 1, "test": 1}
    for name in ("plain", "packed"):
        write(tmp_path / name, "train")
        if name == "packed":
            images = tmp_path / name / "train-images-idx3-ubyte"
            images.with_suffix(".gz").write_bytes(gzip.compress(images.read_bytes()))
            images.unlink()
    found = {}
    for name in ("plain", "packed"):
        examples, _ = run(
            f"{tmp_path}/{name}", tmp_path / f"out-{name}", LETTERS, "idx", split=split, shards=9
        )
        found[name] = read_examples(examples)
    assert found["packed"] == found["plain"]
    # The header is looked at before it is cut, and again with each of the two passes.
    assert inflated["train-images-idx3-ubyte.gz"] <= 90 * 6 + 4 * 16
    assert not [*tmp_path.glob("out-*/**/plain-*")]


def test_coloured_images_have_an_axis_more(tmp_path: Path) -> None:
    images = np.zeros((90, 3, 2, 3), np.uint8)
    write(tmp_path, "train", images)
    assert read(tmp_path)[0][0][0].shape == (3, 2, 3)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: (path / "a-labels-idx1-ubyte.gz").unlink(), "has no labels beside it: "),
        (lambda path: write(path, "a", labels=LABELS[:5]), "holds 90 images, but .* 5 labels"),
        (lambda path: (path / "a-images-idx3-ubyte").write_bytes(b"<html>"), "has magic 0x3c68"),
        (lambda path: (path / "a-images-idx3-ubyte").write_bytes(idx(IMAGES)[:-1]), "is truncated"),
        (
            lambda path: (path / "a-images-idx3-ubyte").write_bytes(idx(IMAGES) + b"x"),
            "has bytes a",
        ),
        (lambda path: (path / "a-images-idx3-ubyte").unlink(), "holds no file of format idx"),
    ],
)
def test_files_that_are_no_such_pair(tmp_path: Path, spoil, why: str) -> None:
    write(tmp_path, "a")
    spoil(tmp_path)
    with pytest.raises(FormatError, match=why):
        read(tmp_path)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a")
    with pytest.raises(FormatError, match="and nothing else, but the settings speak of fare"):
        read(tmp_path, "fare")


@pytest.mark.medium
def test_a_run_keeps_test_apart_and_lists_labels_of_no_class(tmp_path: Path) -> None:
    labels = LABELS.copy()
    labels[7] = 9
    write(tmp_path / "data", "emnist-train", labels=labels)
    write(tmp_path / "data", "emnist-test", IMAGES[:9], LABELS[:9])
    split = {"by": "column", "column": "file", "eval_from_train": True}
    examples, _ = run(
        f"{tmp_path}/data", tmp_path / "out", LETTERS, "idx", quarantine=0.1, split=split
    )
    found = read_examples(examples)
    assert [row["letter"] for row in found["test"]] == [[n % 3] for n in range(9)]
    assert found["test"][0]["image"] == [IMAGES[0].tobytes()]
    assert len(found["train"]) + len(found["eval"]) == 89
    [line] = (tmp_path / "out/quarantine.jsonl").read_text().splitlines()
    assert '"line": 8, "reason": "column letter holds' in line
    assert "'9', which label.values do not name" in line


def test_a_file_of_another_format_is_told(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("a,b\n")
    with pytest.raises(FormatError, match=r"trips\.csv is not called as .*; check .*data\.format"):
        read(tmp_path / "trips.csv")
