"""Pictures to ask a model about: image files, folders of them, IDX files, standard input."""

from __future__ import annotations

import dataclasses
import gzip
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg")
FORMATS = ("PNG", "JPEG")
LARGEST_FILE = 32 << 20
"""Bytes; more than any photo, and less than a model server takes in one request."""
LARGEST_PICTURE = 64_000_000
"""Pixels; a small file can claim to be far larger."""

_GZIP = b"\x1f\x8b"
# http://yann.lecun.com/exdb/mnist: two zero bytes, the type (unsigned byte), the rank.
_IDX_IMAGES = b"\x00\x00\x08\x03"
_IDX_HEADER = 16


class PictureError(ValueError):
    """What was given is no picture; the message says what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """One encoded image."""

    name: str
    """For people: where it came from."""
    content: bytes
    """PNG or JPEG."""


def from_file(path: Path, index: int | None = None) -> Picture:
    """The picture in an image file, or picture `index` of an IDX file, compressed or not.

    Raises:
      PictureError: it cannot be read, or is neither.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_IDX_IMAGES))
            file.seek(0)
            if start == _IDX_IMAGES:
                return _from_idx(path, file, index)
            if start.startswith(_GZIP):
                with gzip.open(file) as unpacked:
                    return _from_idx(path, unpacked, index)
            return Picture(str(path), checked(file.read(LARGEST_FILE + 1), str(path)))
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"Cannot read {path}: {reason}.") from error


def in_folder(folder: Path) -> Iterator[Path]:
    """The image files directly in `folder`, sorted by name.

    Raises:
      PictureError: there is none.
    """
    found = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]
    if not found:
        raise PictureError(f"Folder {folder} holds no {', '.join(SUFFIXES)} file.")
    yield from found


def checked(content: bytes, name: str) -> bytes:
    """`content` again, if it is a PNG or JPEG image of bounded size.

    Raises:
      PictureError: it is not.
    """
    if len(content) > LARGEST_FILE:
        raise PictureError(f"{name} is larger than {LARGEST_FILE >> 20} MiB; scale it down.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError(f"{name} is no PNG or JPEG image; convert it first.") from error
    if width * height > LARGEST_PICTURE:
        raise PictureError(f"{name} has {width}×{height} pixels; scale it down.")
    return content


def pixels(picture: Picture, height: int, width: int) -> NDArray[np.uint8]:
    """Grey pixels, uint8 [height, width], for models that take no encoded images.

    Raises:
      PictureError: the file is damaged.
    """
    try:
        with Image.open(io.BytesIO(picture.content), formats=FORMATS) as image:
            return np.asarray(image.convert("L").resize((width, height)), np.uint8)
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"{picture.name} is a damaged image: {error}.") from error


def encode(image: NDArray[np.uint8]) -> bytes:
    """Pixels, uint8 [height, width], as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _from_idx(path: Path, file: IO[bytes] | gzip.GzipFile, index: int | None) -> Picture:
    header: Any = file.read(_IDX_HEADER)
    if header[:4] != _IDX_IMAGES or len(header) < _IDX_HEADER:
        raise PictureError(f"{path} is no IDX file of images (unsigned bytes, rank 3).")
    count, height, width = struct.unpack(">3I", header[4:])
    if index is None:
        raise PictureError(f"{path} holds {count:,} images; choose one with --index.")
    if not 0 <= index < count:
        raise PictureError(f"--index {index} is not in {path}: it holds images 0 to {count - 1}.")
    size = height * width
    if size > LARGEST_PICTURE:
        raise PictureError(f"{path} claims images of {height}×{width} pixels; it is damaged.")
    file.seek(_IDX_HEADER + index * size)
    content = file.read(size)
    if len(content) < size:
        raise PictureError(f"{path} ends before image {index}; it is damaged.")
    return Picture(
        f"{path}[{index}]", encode(np.frombuffer(content, np.uint8).reshape(height, width))
    )
