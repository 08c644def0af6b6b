"""Image files that stand in a row beside other columns, and the pixels that are seen of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from documents.questions import Question
from models.features.image.files import image_files
from models.features.image.kind import Image
from models.features.image.mixed_files import mixed_files
from models.features.image.pictures import pixels_if_any
from models.features.image.png import png

_REAL = 4
"""Rows of whose images files in all encodings are made."""
_ROOM = 8 << 20
"""Bytes that all files may take; documents are no larger than 32 MiB."""
_PAIRS = 12
"""Of images of which one stands for the other as well."""
_JPEG = b"\xff\xd8"
_SMALL = 20_000
"""Bytes of files that stand in a row together."""
_STEP = 7
"""So that those of a row are of other kinds than those of the row before."""


class AskedFile(NamedTuple):
    """A file in a column."""

    feature: str
    name: str
    content: bytes
    pixels: bytes | None
    """None where the served function refuses the file."""


def files_of_rows(
    images: Mapping[str, Image], rows: Sequence[Mapping[str, Any]], random: np.random.Generator
) -> Iterator[AskedFile]:
    """Yields files in all encodings for each image, and last, for each two, the very file that
    stands in the other column of a row: of the file at place n that is row n, from the first again
    where there are fewer.

    Args:
      images: by feature.
      rows: features by name, of images their pixels; at least one.
      random: of files that are made by chance.
    """
    count = 0
    for name, kind in images.items():
        room = _ROOM // len(images)
        found = [pixels_of_value(kind, rows[place % len(rows)][name]) for place in range(_REAL)]
        real = np.stack(found)
        for said, file in (*image_files(real), *mixed_files(real, random)):
            if len(file) > room:
                continue  # Of many images, not each is asked about in all sizes.
            room -= len(file)
            yield _asked(name, kind, said, file)
            count += 1
    pairs = itertools.islice(itertools.permutations(images, 2), _PAIRS)
    for place, (name, other) in enumerate(pairs, count):
        file = png(pixels_of_value(images[other], rows[place % len(rows)][other]))
        yield _asked(name, images[name], f"the file of {other}", file)


def rows_of_files(
    files: Sequence[AskedFile], rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[dict[str, AskedFile], Mapping[str, Any]]]:
    """Yields the files that stand in all image columns of a row at once, and the row: JPEGs, as
    those of a telephone are, and every third time any.

    Args:
      files: of each column at least one that is small and has pixels, or nothing is yielded.
      rows: whose other cells they stand beside.
    """
    small: dict[str, list[AskedFile]] = {}
    for file in files:
        found = small.setdefault(file.feature, [])
        if file.pixels is not None and len(file.content) <= _SMALL:
            found.append(file)
    if not small or not all(small.values()):
        return
    jpegs = {
        name: [file for file in found if file.content.startswith(_JPEG)] or found
        for name, found in small.items()
    }
    for number, row in enumerate(rows):
        chosen = small if number % 3 == 2 else jpegs
        yield (
            {
                name: found[(_STEP * number + number // 3 + place) % len(found)]
                for place, (name, found) in enumerate(chosen.items())
            },
            row,
        )


def is_written(row: Mapping[str, Any]) -> bool:
    """Whether a document can hold each of its cells: JSON has no word for infinity."""
    return not any(isinstance(cell, float) and not np.isfinite(cell) for cell in row.values())


def question_of_row(
    chosen: Mapping[str, AskedFile], cells: Mapping[str, Any], answer: tuple[float, ...]
) -> Question:
    """A question about a row of these files and cells."""
    (feature, first), *others = chosen.items()
    files = {name: file.content for name, file in others}
    said = ", ".join(file.name for file in chosen.values())
    return Question.of(said, first.content, answer, feature, cells={**cells, **files})


def _asked(name: str, kind: Image, said: str, file: bytes) -> AskedFile:
    pixels = pixels_if_any(file, *kind.size, kind.channels)
    return AskedFile(name, f"{name}: {said}", file, pixels)


def pixels_of_value(image: Image, value: Any) -> NDArray[np.uint8]:
    """The pixels that an example holds, uint8 of the image's shape."""
    return np.frombuffer(value, np.uint8).reshape(image.shape)
