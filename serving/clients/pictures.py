"""Pictures to ask a model about: image files, folders of them, IDX files, standard input."""

from __future__ import annotations

import dataclasses
import gzip
import io
import shlex
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from documents.pictures.formats import SERVED, PictureError, flat, opened
from documents.pictures.size import LARGEST_PICTURE
from documents.regular_file import NotRegularError, regular_file
from documents.terminal.counted import counted

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif"),
    *(".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif", ".jxl", ".svg"),
)
LARGEST_FILE = 32 << 20
"""Bytes; more than any photo, and less than a model server takes in one request."""
CONVERTED_SIDE = 2_048
"""Pixels: no side of what is made a PNG stays longer, so that it fits into a request."""

_GZIP = b"\x1f\x8b"
# http://yann.lecun.com/exdb/mnist: two zero bytes, the type (unsigned byte), the rank.
_IDX_IMAGES = b"\x00\x00\x08\x03"
_IDX_HEADER = 16


@dataclasses.dataclass(frozen=True)
class Picture:
    """One encoded image."""

    name: str
    """For people: where it came from."""
    content: bytes
    """PNG or JPEG."""
    file: str | None = None
    """The file that holds just this content, if one does."""


def from_file(path: Path, index: int | None = None) -> Picture:
    """The picture in an image file, or picture `index` of an IDX file, compressed or not.

    Raises:
      PictureError: it cannot be read, or is neither.
    """
    try:
        with regular_file(path) as file:
            start = file.read(len(_IDX_IMAGES))
            file.seek(0)
            if start == _IDX_IMAGES:
                return _from_idx(path, file, index)
            if start.startswith(_GZIP):
                with gzip.open(file) as unpacked:
                    return _from_idx(path, unpacked, index)
            content = file.read(LARGEST_FILE + 1)
    except NotRegularError as error:
        raise PictureError(f"{path} {error.strerror}.") from error
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"Cannot read {path}: {reason}.") from error
    found = checked(content, str(path))
    return Picture(str(path), found, str(path) if found is content else None)


def in_folder(folder: Path) -> Iterator[Path]:
    """The image files directly in `folder`, sorted by name; without hidden ones, as in training.

    Raises:
      PictureError: there is none.
    """
    entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    found = [path for path in entries if path.suffix.lower() in SUFFIXES]
    if not found:
        inner = [path for path in entries if path.is_dir()][:1]
        hint = f"; name a folder in it, such as {shlex.quote(str(inner[0]))}" if inner else ""
        raise PictureError(f"Folder {folder} holds no {', '.join(SUFFIXES)} file{hint}.")
    yield from found


def checked(content: bytes, name: str) -> bytes:
    """What a model server takes: `content` again if it is PNG or JPEG, else a PNG made of it.

    Only the header of a PNG or JPEG is read.

    Raises:
      PictureError: it is no image, of a kind that cannot be read here, damaged or too large.
    """
    if len(content) > LARGEST_FILE:
        raise PictureError(f"{name} is larger than {LARGEST_FILE >> 20} MiB; scale it down.")
    with opened(content, name) as image:
        if image.format in SERVED:
            return content
        picture = flat(image)
        picture.thumbnail((CONVERTED_SIDE, CONVERTED_SIDE))
        file = io.BytesIO()
        picture.save(file, "PNG", compress_level=1)
        return file.getvalue()


def encode(image: NDArray[np.uint8]) -> bytes:
    """Pixels, uint8 [height, width] or [height, width, 3], as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _from_idx(path: Path, file: IO[bytes] | gzip.GzipFile, index: int | None) -> Picture:
    header: Any = file.read(_IDX_HEADER)
    if header[:4] != _IDX_IMAGES or len(header) < _IDX_HEADER:
        raise PictureError(f"{path} is no IDX file of images (unsigned bytes, rank 3).")
    count, height, width = struct.unpack(">3I", header[4:])
    if index is None:
        raise PictureError(f"{path} holds {counted(count, 'image')}; choose one with --index.")
    if not 0 <= index < count:
        raise PictureError(f"--index {index} is not in {path}: it holds images 0 to {count - 1}.")
    size = height * width
    if not 0 < size <= LARGEST_PICTURE:
        raise PictureError(f"{path} claims images of {height}×{width} pixels; it is damaged.")
    file.seek(_IDX_HEADER + index * size)
    content = file.read(size)
    if len(content) < size:
        raise PictureError(f"{path} ends before image {index}; it is damaged.")
    return Picture(
        f"{path}[{index}]", encode(np.frombuffer(content, np.uint8).reshape(height, width))
    )
