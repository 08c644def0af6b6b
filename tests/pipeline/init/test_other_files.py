"""docs/other_files.md, followed: its lines make of each file what `init` takes."""

from __future__ import annotations

import json
import pickle
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io
from PIL import Image

from pipeline.init.command import main

PAGE = (Path(__file__).parents[3] / "docs/other_files.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
LABELS = np.arange(60) % 2
GREY = np.random.default_rng(0).integers(0, 256, (60, 28, 28), dtype=np.uint8)
COLOUR = np.random.default_rng(0).integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
TABLE = pd.DataFrame({"a": np.arange(60.0) / 7, "label": LABELS})
PLANES = COLOUR.transpose(0, 3, 1, 2).reshape(60, -1)


def _block(sign: str) -> str:
    [found] = [block for block in BLOCKS if sign in block]
    return found


def _cifar(path: str) -> None:
    with open(path, "wb") as file:
        pickle.dump({b"data": PLANES, b"labels": [*map(int, LABELS)]}, file)


def _binary(path: str) -> None:
    np.column_stack([LABELS, PLANES]).astype(np.uint8).tofile(path)


def _hdf5(path: str) -> None:
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = COLOUR, LABELS


def _matlab(path: str) -> None:
    scipy.io.savemat(path, {"X": COLOUR.transpose(1, 2, 3, 0), "y": LABELS[:, None]})


def _database(path: str) -> None:
    TABLE.to_sql("trips", sqlite3.connect(path), index=False)


def _arff(path: str) -> None:
    rows = "".join(f"{number}, 'Iris, {'ab'[number % 2]}'\n" for number in range(60))
    head = "% 1988\n@RELATION iris\n@attribute 'sepal length' REAL\n@ATTRIBUTE label {a,b}\n"
    Path(path).write_text(f"{head}@DATA\n% rows\n{rows}")


def _libsvm(path: str) -> None:
    lines = (f"{'+-'[number % 2]}1 1:{number / 7} 5:1 6:2" for number in range(60))
    Path(path).write_text("\n".join(lines) + "\n")


@pytest.mark.medium
@pytest.mark.usefixtures("in_a_folder")
@pytest.mark.parametrize(
    ("path", "make", "images"),
    [
        ("mnist.npz", lambda of: np.savez(of, x_train=GREY, y_train=LABELS), GREY),
        ("data_batch_1", _cifar, COLOUR),
        ("data_batch_1.bin", _binary, COLOUR),
        ("train_32x32.mat", _matlab, COLOUR),
        ("train.h5", _hdf5, COLOUR),
    ],
)
def test_arrays_become_images(
    path: str,
    make: Callable[[str], None],
    images: np.ndarray,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(path)
    assert main(["--images", path]) == 2
    assert "docs/other_files.md has the lines that make image files" in capsys.readouterr().err
    exec(_block(f'"{path}"') + _block("for number, (image, label)"), {})
    assert {of.name for of in Path("images").iterdir()} == {"0", "1"}
    with Image.open("images/1/7.png") as image:
        np.testing.assert_array_equal(np.asarray(image), images[7])
    assert main(["--images", "images", "--name", "drawn"]) == 0


@pytest.mark.usefixtures("in_a_folder")
@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("table.npz", lambda of: np.savez(of, X=TABLE[["a"]], y=LABELS)),
        ("table.pkl", lambda of: TABLE.to_pickle(of)),
        ("trips.db", _database),
        ("a1a", _libsvm),
        ("iris.arff", _arff),
    ],
)
def test_other_tables_become_csv(
    path: str, make: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    make(path)
    assert main(["--table", path, "--label", "label"]) == 2
    assert re.search(r"has the lines that make|make (a table of )?it CSV", capsys.readouterr().err)
    exec(_block(f'"{path}"'), {})
    assert main(["--table", "table.csv", "--label", "label"]) == 0
    assert "classes        2:" in capsys.readouterr().out


def _photos(folder: str, *names: str) -> None:
    Path(folder).mkdir(parents=True)
    for place, name in enumerate(names):
        Image.fromarray(COLOUR[place]).save(f"{folder}/{name}")


@pytest.mark.medium
@pytest.mark.usefixtures("in_a_folder")
def test_labels_in_names_of_files_become_columns() -> None:
    _photos("photos", *(f"{20 + number}_{number % 2}_{number}.png" for number in range(60)))
    exec(_block("manifest.csv"), {})
    assert main(["--manifest", "manifest.csv", "--label", "age", "--name", "faces"]) == 0


@pytest.mark.usefixtures("in_a_folder")
def test_boxes_of_coco_are_cut_out(capsys: pytest.CaptureFixture[str]) -> None:
    _photos("images", "0.png", "1.png")
    Path("annotations").mkdir()
    found = {
        "images": [{"id": number, "file_name": f"{number}.png"} for number in range(2)],
        "categories": [{"id": 7, "name": "cat"}, {"id": 8, "name": "dog"}],
        "annotations": [
            {"id": 0, "image_id": 0, "category_id": 7, "bbox": [4, 2, 10, 20]},
            {"id": 1, "image_id": 1, "category_id": 8, "bbox": [0, 0, 5, 5]},
        ],
    }
    path = "annotations/instances_train.json"
    for indent in (None, 1):
        Path(path).write_text(json.dumps(found, indent=indent))
        assert main(["--table", path, "--label", "category_id"]) == 2
        assert "lists images and what is seen in them, as COCO does" in capsys.readouterr().err
    exec(_block('box["bbox"]'), {})
    with Image.open("crops/cat/0.png") as image:
        np.testing.assert_array_equal(np.asarray(image), COLOUR[0][2:22, 4:14])
    assert main(["--images", "crops"]) == 0


@pytest.mark.usefixtures("in_a_folder")
def test_boxes_of_yolo_are_cut_out() -> None:
    _photos("images/train", "0.png", "1.png")
    Path("labels/train").mkdir(parents=True)
    Path("labels/train/0.txt").write_text("3 0.5 0.5 0.25 0.5\n1 0.5 0.5 1 1\n")
    exec(_block("line.split()"), {})
    with Image.open("crops/3/0.png-0.png") as image:
        np.testing.assert_array_equal(np.asarray(image), COLOUR[0][8:24, 12:20])
    assert main(["--images", "crops"]) == 0
