"""Folders whose images lie in no folders of classes, and folders without images."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.init.command import main
from pipeline.settings import load_settings
from tests.pipeline.init.looked_at import png

pytestmark = pytest.mark.usefixtures("in_a_folder")


def _images(folder: str, count: int = 30, name: str = "{}.png", first: int = 0) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Path(folder, name.format(number)).write_bytes(png(first + number))


def _said(capsys: pytest.CaptureFixture[str], *asked: str) -> str:
    assert main([*asked]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


@pytest.mark.medium
@pytest.mark.parametrize("folders", [("photos",), ("photos/train", "photos/test")])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_the_table_beside_images_is_named_and_read(
    capsys: pytest.CaptureFixture[str], folders: tuple[str, ...], kind: str
) -> None:
    for place, folder in enumerate(folders):
        _images(folder, first=100 * place)
        rows = [(f"{number}.png", ["cat", "dog"][number % 2]) for number in range(30)]
        lines = [f"{path},{label}" for path, label in rows]
        if kind == "jsonl":
            lines = [json.dumps({"file_name": path, "label": label}) for path, label in rows]
        head = ["file_name,label"] if kind == "csv" else []
        Path(folder, f"metadata.{kind}").write_text("\n".join([*head, *lines]))
    said = _said(capsys, "--images", "photos")
    named = re.search(r"each image shows, take that: (--manifest .*) --label COLUMN", said)
    assert named, said
    asked = shlex.split(named[1])
    assert main([*asked, "--label", "label", "--name", "read"]) == 0
    out = capsys.readouterr().out
    assert f"images         {30 * len(folders)}," in out
    assert "copies" not in out, "a path is one from the folder of its table on"
    assert load_settings(Path("read/settings.yaml")).data.format == "manifest"


@pytest.mark.medium
@pytest.mark.parametrize(("name", "sign"), [("img_{}", ","), ("img_{}.png", ";"), ("{}", ";")])
def test_a_command_writes_the_paths_of_names(
    capsys: pytest.CaptureFixture[str], name: str, sign: str
) -> None:
    _images("photos", name=name.removesuffix(".png") + ".png")
    rows = [f"{name.format(number)}{sign}{'ab'[number % 2]}" for number in range(30)]
    Path("t.csv").write_text("\n".join([f"id{sign}label", *rows]))
    assert "; if t.csv" not in _said(capsys, "--images", "photos")
    said = _said(capsys, "--manifest", "t.csv", "--label", "label")
    command = re.search(r"as (python -c .*) does, and take manifest.csv with --manifest", said)
    assert command, said
    _, *arguments = shlex.split(command[1])
    subprocess.run([sys.executable, *arguments], check=True)
    assert main(["--manifest", "manifest.csv", "--label", "label"]) == 0
    assert "images         30" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("images", "boxes"),
    [
        ("set", "set/0.xml"),
        ("set/train", "set/train/_annotations.coco.json"),
        ("set/train/images", "set/train/labels/0.txt"),
        ("set/images", "set/annotations/instances_val.json"),
    ],
)
def test_boxes_are_told_wherever_they_lie(
    capsys: pytest.CaptureFixture[str], images: str, boxes: str
) -> None:
    _images(images, 3)
    Path(boxes).parent.mkdir(parents=True, exist_ok=True)
    Path(boxes).write_text('{"images": [{"id": 0}], "annotations": []}')
    assert "docs/other_files.md (Boxes in images)" in _said(capsys, "--images", "set")


def test_what_comes_with_data_does_not_name_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cifar").mkdir()
    Path("cifar/a_readme.html").write_text("<html></html>")
    Path("cifar/batch.bin").write_bytes(bytes(3073 * 2))
    said = _said(capsys, "--images", "cifar")
    assert "batch.bin holds images as CIFAR's binary version has them" in said
    os.unlink("cifar/batch.bin")
    assert "a_readme.html is an HTML page" in _said(capsys, "--images", "cifar")
