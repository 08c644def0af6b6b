"""Folders and manifests of image files, through driver and executor."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from components.example_gen.formats.format import FormatError
from models.declaration import Declaration
from tests.components.example_gen.rows.node import read, run
from tests.components.example_gen.rows.photos import PHOTOS, png


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "photos [1]"
    for seed in range(60):
        path = root / ("cat", "dög")[seed % 2] / f"{seed}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(seed))
    return root


@pytest.mark.medium
def test_pixels_and_classes(tmp_path, folder):
    (folder / "dög" / "copy of 1.png").write_bytes(png(1))
    found = read(run(str(folder), tmp_path / "out", PHOTOS, "image_folder", shards=4)[0])
    pixels = {
        np.random.default_rng(seed).integers(0, 256, (4, 3), np.uint8).tobytes(): seed % 2
        for seed in range(60)
    }
    rows = [row for of in found.values() for row in of]
    assert len(rows) == 61
    assert all(pixels[row["photo"][0]] == row["animal"][0] for row in rows)
    # Equal content falls into one split.
    copied = next(of for of, seed in pixels.items() if of == rows_of(1))
    assert sum(any(row["photo"] == [copied] for row in of) for of in found.values()) == 1


def rows_of(seed: int) -> bytes:
    return np.random.default_rng(seed).integers(0, 256, (4, 3), np.uint8).tobytes()


@pytest.mark.medium
def test_files_that_are_no_images_are_listed(tmp_path, folder):
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    bad = {
        "empty.png": b"",
        "page.jpg": b"<html></html>",
        "cut.png": png(1, (40, 40))[:-60],
        "bomb.png": bomb.getvalue(),
    }
    for name, content in bad.items():
        (folder / "cat" / name).write_bytes(content)
    (folder / "bird").mkdir()
    (folder / "bird" / "a.png").write_bytes(png(7))
    examples, _ = run(str(folder), tmp_path / "out", PHOTOS, "image_folder", quarantine=0.1)
    listed = [json.loads(line) for line in (tmp_path / "out/quarantine.jsonl").open()]
    reasons = {row["path"].rpartition("/")[2]: row["reason"] for row in listed}
    assert reasons.keys() == {*bad, "a.png"}
    assert reasons["empty.png"] == "column photo is empty"
    assert reasons["page.jpg"] == "column photo is an HTML page; save it as PNG or JPEG"
    assert reasons["bomb.png"].startswith("column photo has more than 64,000,000 pixels")
    assert "column photo" in reasons["cut.png"]
    assert reasons["a.png"] == "column animal holds 'bird', which label.values do not name"
    assert examples.get_int_custom_property("quarantined") == 5


@pytest.mark.medium
def test_new_photos_of_a_manifest_are_new_data(tmp_path, folder):
    declaration = Declaration.model_validate(
        {
            **PHOTOS.model_dump(exclude_none=True),
            "features": {
                "photo": {"kind": "image", "size": [4, 3]},
                "weight": {"kind": "number"},
            },
        }
    )
    with (folder / "manifest.csv").open("w") as file:
        file.write("photo,weight,animal\n")
        for seed in range(60):
            animal = ("cat", "dög")[seed % 2]
            file.write(f"{animal}/{seed}.png,{seed},{animal}\n")
    pattern = f"{folder}/manifest.csv"
    examples, told = run(pattern, tmp_path / "out", declaration, "manifest")
    rows = [row for of in read(examples).values() for row in of]
    assert sorted(row["weight"][0] for row in rows) == [*range(60)]
    assert all(row["photo"] == [rows_of(int(row["weight"][0]))] for row in rows)
    (folder / "cat" / "0.png").write_bytes(png(99))
    again = run(pattern, tmp_path / "out2", declaration, "manifest")[1]
    assert told["input_fingerprint"] != again["input_fingerprint"]


@pytest.mark.medium
def test_folders_of_splits_are_kept(tmp_path, folder):
    (tmp_path / "all").mkdir()
    folder.rename(tmp_path / "all" / "train")
    for seed, animal in ((100, "cat"), (101, "dög")):
        path = tmp_path / "all" / "test" / animal / "x.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(png(seed))
    with pytest.raises(FormatError, match="keep them apart"):
        run(f"{tmp_path}/all", tmp_path / "out", PHOTOS, "image_folder")
    split = {"by": "column", "column": "folder", "eval_from_train": True}
    found = read(run(f"{tmp_path}/all", tmp_path / "out", PHOTOS, "image_folder", split=split)[0])
    assert len(found["test"]) == 2
    assert len(found["train"]) + len(found["eval"]) == 60
    assert found["eval"]
