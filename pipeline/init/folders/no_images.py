"""What a folder holds that has no images in folders of classes, and what to do about it: ends of
sentences."""

from __future__ import annotations

import itertools
import os
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from components.example_gen.formats import files
from components.example_gen.formats.foreign import foreign
from documents.shown import shown
from models.features.image.conversion import SUFFIXES
from pipeline.init.folders.texts import of_texts

_HEAD = 4_096
_FIRST = 200
"""Files that are looked into where none is an image."""
_BOXES = (".txt", ".xml", ".json")
_FOLDERS = frozenset({"labels", "annotations", "Annotations"})
_COCO = re.compile(rb'"(annotations|categories|licenses)"\s*:\s*[\[{]')
_TABLES = (".csv", ".tsv", ".jsonl", ".parquet")
_FIRST_NAMES = ("metadata", "train", "label")
"""Of the tables that are likely to say what images show, the likeliest first."""
_OF_CIFAR = (3_073, 3_074)
"""Bytes of an image and its labels, one or two, in its binary version."""
_READ_ME = (".html", ".htm", ".pdf", ".xml")
"""Files that come with data, and are none."""


def foreign_file(path: str) -> str | None:
    """What a file is that is known to be something else."""
    if _is_cifar(path):
        return (
            "holds images as CIFAR's binary version has them; docs/other_files.md has the lines"
            " that make image files of it"
        )
    try:
        with files.opened(path) as file:
            return foreign(file.read(_HEAD))
    except OSError:
        return None


def of_others(root: str) -> str:
    """Of a folder in which no file is called as images are; "" where one is."""
    found = [entry.path for entry in itertools.islice(files.walk(root), _FIRST)]
    if any(path.lower().endswith(SUFFIXES) for path in found):
        return ""
    return of_texts([root]) or _foreign_in(found) or of_tables(root)


def _foreign_in(paths: Iterable[str]) -> str:
    """The first file that is known to be something else; "" where there is none."""
    for path in sorted(paths, key=lambda path: path.lower().endswith(_READ_ME)):
        if told := foreign_file(path):
            return f": {shown(path)} {told}"
    return ""


def of_layout(root: str, deep: int, flat: int, asked: str | None = None) -> str:
    """What to do about images that lie too deep or too high.

    Args:
      asked: the pattern that fits `root`, which what is named has to be for the next span, too.
    """
    found, inner = files.folders(root), root
    if told := of_boxes(Path(root)) or of_tables(root):
        return told
    if deep and len(found) == 1:
        # Archives put folders around all.
        while len(found) == 1:
            inner = os.path.join(inner, found[0])
            found = files.folders(inner)
        inner = inner if found else os.path.dirname(inner)
        return f"; name {shown((asked or root) + inner[len(root) :])} instead"
    if deep:
        return (
            "; put the images of each class right into its folder, or name a folder that holds a"
            f" folder for each class, such as {shown(os.path.join(asked or root, found[0]))}"
        )
    if flat:
        return (
            "; make a folder for each class, or write paths and labels into a CSV file and take"
            " that with --manifest; docs/other_files.md (Images beside a table) has lines that"
            " write it of labels in the names of files"
        )
    return ""


def of_boxes(root: Path) -> str:
    """Of a folder in which files tell where things lie in images; "" of any other."""
    places = [root, *(root / folder for folder in files.folders(str(root)))]
    if not any(map(_has_boxes, places)):
        return ""
    return (
        ", and seems to be of boxes in images, as YOLO and COCO have them, while a label here is of"
        " a whole image: cut the boxes out into a folder for each class, as docs/other_files.md"
        " (Boxes in images) does, or write paths and labels into a CSV file and take that with"
        " --manifest"
    )


def _has_boxes(place: Path) -> bool:
    for folder in _FOLDERS & {*files.folders(str(place))}:
        if any(of.path.lower().endswith(_BOXES) for of in files.walk(str(place / folder))):
            return True
    stems = {path.stem for path in place.iterdir() if path.suffix.lower() in SUFFIXES}
    beside = [path for path in _files(place) if path.suffix in (".xml", ".json")]
    return any(path.suffix == ".xml" and path.stem in stems for path in beside) or any(
        path.suffix == ".json" and is_coco(path) for path in beside
    )


def is_coco(path: Path) -> bool:
    """Whether a JSON file begins as those that list images and what is seen in them."""
    try:
        with files.opened(str(path)) as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return b'"images"' in head and bool(_COCO.search(head))


def of_tables(root: str) -> str:
    """Of a folder with tables in it, or in a folder of it; "" where there is none."""
    places = [Path(root), *(Path(root, folder) for folder in files.folders(root))]
    found = [path for place in places for path in _files(place) if path.suffix in _TABLES]
    if not found:
        return ""
    named = (path for part in _FIRST_NAMES for path in found if part in path.name.lower())
    path = next(named, found[0])
    is_one = sum(of.name == path.name for of in found) == 1
    place = str(path) if is_one else f"{root}/*/{path.name}"
    return (
        f"; if {shown(path)} says what each image shows, take that: --manifest"
        f" {shown(shlex.quote(place))} --label COLUMN"
    )


def _files(place: Path) -> Iterator[Path]:
    return (path for path in sorted(place.iterdir()) if path.is_file())


def _is_cifar(path: str) -> bool:
    try:
        size = os.path.getsize(path) if path.endswith(".bin") else 0
    except OSError:
        return False
    return bool(size) and any(size % of == 0 for of in _OF_CIFAR)
