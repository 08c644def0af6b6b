"""Rows of a split as people can look at them, read a record at a time and without TensorFlow."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import math
import struct
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from documents.counted import counted
from documents.features import Features
from documents.regular_file import regular_file
from documents.shown import cut
from inspection import protobuf
from inspection.evidence.damage import pass_over
from inspection.records import Artifact
from inspection.workspace import Workspace

MOST_ROWS = 100
MOST_READ = 64 << 20
"""Bytes of a split that are looked through, uncompressed."""
LARGEST_RECORD = 16 << 20
LARGEST_PICTURE = 256 << 10
LARGEST_PAGE = 4 << 20
"""Bytes of all pictures together."""
MOST_SHOWN = 200
"""Characters of a value."""
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
_GZIP = b"\x1f\x8b"
_HEADER = struct.Struct("<QI")
_CHECKSUM_BYTES = 4

Values = Sequence[bytes | float | int]


@dataclasses.dataclass(frozen=True)
class Cell:
    """A value for people: a text, or a picture as a data: address."""

    text: str
    picture: str | None = None


@dataclasses.dataclass(frozen=True)
class Rows:
    """The first rows of a split that fit."""

    split: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    """Each with its number in the split, from 0."""
    read: int
    """How many rows were looked at."""
    complete: bool
    """Whether the whole split was."""


def splits_of(workspace: Workspace, artifact: Artifact) -> Sequence[str]:
    """The splits of an Examples artifact whose files are at hand."""
    folder = workspace.find(artifact.uri) if artifact.uri else None
    if folder is None or folder == workspace.root or not folder.is_dir():
        return ()
    return sorted(each.name[6:] for each in folder.iterdir() if each.name.startswith("Split-"))


def read_examples(
    workspace: Workspace, artifact: Artifact, split: str, where: str = "", most: int = 20
) -> Rows | None:
    """The first rows of a split, those of a slice where one is named.

    Args:
      workspace: the only place where files are read.
      artifact: an Examples artifact.
      split: one of `splits_of`.
      where: `feature=value`, several with commas; the value of a class may be its name.
      most: how many at most.
    """
    if split not in splits_of(workspace, artifact):
        return None
    folder = workspace.find(f"{artifact.uri.rstrip('/')}/Split-{split}")
    document = workspace.read(Features, artifact.uri)
    wanted = _Slice(where, document)
    found: list[tuple[int, Mapping[str, Values]]] = []
    read, complete = 0, True
    for record in _records(workspace, [folder] if folder else []):
        if record is None or len(found) >= min(most, MOST_ROWS):
            complete = False
            break
        row = _example(record)
        if not row:  # what it is only its pipeline knows
            continue
        if wanted.has(row):
            found.append((read, row))
        read += 1
    return _shown(found, document, split, read, complete)


def read_places(
    workspace: Workspace,
    artifacts: Sequence[Artifact],
    split: str,
    places: Collection[int],
    where: str = "",
) -> Rows:
    """The rows at some places of a split, as a training counts them that reads all artifacts.

    Args:
      workspace: as in `read_examples`.
      artifacts: Examples artifacts.
      split: the same of each.
      places: from 0.
      where: only those of this slice.
    """
    documents = (workspace.read(Features, each.uri) for each in artifacts)
    document = next((each for each in documents if each), None)
    of_slice = _Slice(where, document)
    folders = [
        workspace.find(f"{each.uri.rstrip('/')}/Split-{split}")
        for each in artifacts
        if split in splits_of(workspace, each)
    ]
    wanted, last = {*places}, max(places, default=-1)
    found: list[tuple[int, Mapping[str, Values]]] = []
    read, complete = 0, True
    for record in _records(workspace, [folder for folder in folders if folder]):
        if record is None or read > last:
            complete = record is not None
            break
        if read in wanted and (row := _example(record)) and of_slice.has(row):
            found.append((read, row))
        read += 1
    return _shown(found, document, split, read, complete)


def _shown(
    found: Sequence[tuple[int, Mapping[str, Values]]],
    document: Features | None,
    split: str,
    read: int,
    complete: bool,
) -> Rows:
    names = dict.fromkeys(name for _, row in found for name in sorted(row))
    if document:
        declared = [each.name for each in document.features if each.name in names]
        last = [document.label.name] if document.label.name in names else []
        names = dict.fromkeys([*last, *declared, *names])
    budget = _Budget(LARGEST_PAGE)
    rows = tuple(
        (number, tuple(_cell(row.get(name), name, document, budget) for name in names))
        for number, row in found
    )
    return Rows(split, tuple(names), rows, read, complete)


class _Budget:
    """Bytes that are left for pictures."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, count: int) -> bool:
        if count > min(self._left, LARGEST_PICTURE):
            return False
        self._left -= count
        return True


def _records(workspace: Workspace, folders: Sequence[Path]) -> Iterator[bytes | None]:
    """Records of all files, in the order of their paths as texts; None where too much was read."""
    left = MOST_READ
    for path in sorted((path for folder in folders for path in folder.iterdir()), key=str):
        if workspace.find(str(path)) is None:
            continue  # a link that leads out
        try:
            with regular_file(path) as file:
                start = file.read(2)
                file.seek(0)
                stream = gzip.GzipFile(fileobj=file) if start == _GZIP else file
                for record in _of_file(stream):
                    left -= len(record)
                    if left < 0:
                        yield None
                        return
                    yield record
        except (OSError, EOFError, zlib.error, protobuf.WireError) as error:
            pass_over(path, error)


def _of_file(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while header := file.read(_HEADER.size):
        if len(header) < _HEADER.size:
            raise protobuf.WireError("it is truncated")
        size, _ = _HEADER.unpack(header)
        if size > LARGEST_RECORD:
            raise protobuf.WireError(f"it holds a record of {size} bytes")
        record = file.read(size + _CHECKSUM_BYTES)
        if len(record) < size + _CHECKSUM_BYTES:
            raise protobuf.WireError("it is truncated")
        yield record[:size]


# Field numbers are those of example.proto and feature.proto in TensorFlow.
def _example(record: bytes) -> Mapping[str, Values] | None:
    try:
        features = protobuf.fields(protobuf.message(protobuf.fields(record), 1))
        return {
            protobuf.text(entry, 1): _values(protobuf.fields(protobuf.message(entry, 2)))
            for entry in (protobuf.fields(e) for e in features.get(1, ()) if isinstance(e, bytes))
        }
    except (protobuf.WireError, struct.error):
        return None


def _values(feature: Mapping[int, Sequence[protobuf.Field]]) -> Values:
    if feature.get(1):
        found = protobuf.fields(protobuf.message(feature, 1)).get(1, ())
        return [each for each in found if isinstance(each, bytes)]
    if feature.get(2):
        found = protobuf.fields(protobuf.message(feature, 2)).get(1, ())
        packed = b"".join(each for each in found if isinstance(each, bytes))
        return list(struct.unpack(f"<{len(packed) // 4}f", packed[: len(packed) // 4 * 4]))
    if feature.get(3):
        return protobuf.whole_numbers(protobuf.fields(protobuf.message(feature, 3)).get(1, ()))
    return ()


class _Slice:
    """Rows with a value of some features, or with all of them."""

    def __init__(self, text: str, document: Features | None) -> None:
        pairs = (part.partition("=") for part in text.split(",") if "=" in part)
        self._wanted = [(name.strip(), value.strip()) for name, _, value in pairs]
        self._document = document

    def has(self, row: Mapping[str, Values]) -> bool:
        return all(self._is(row.get(name), name, value) for name, value in self._wanted)

    def _is(self, values: Values | None, name: str, wanted: str) -> bool:
        if not values:
            return False
        return wanted in (_text(values[:1]), _class_of(values[0], name, self._document))


def _class_of(value: object, name: str, document: Features | None) -> str | None:
    label = document.label if document else None
    if label and label.name == name and label.values and isinstance(value, int):
        return label.values[value] if 0 <= value < len(label.values) else None
    return None


def _cell(values: Values | None, name: str, document: Features | None, budget: _Budget) -> Cell:
    if not values:
        return Cell("")
    first = values[0]
    if isinstance(first, bytes) and len(values) == 1:
        content, kind = first, _kind(first)
        if kind is None:
            content, kind = _raw(first, name, document), "image/png"
        if content and budget.take(len(content)):
            address = f"data:{kind};base64,{base64.b64encode(content).decode()}"
            return Cell(f"{name}, {counted(len(first), 'byte')}", address)
    of_class = _class_of(first, name, document)
    return Cell(f"{of_class} ({first!r})" if of_class else _text(values))


def _kind(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)


def _raw(content: bytes, name: str, document: Features | None) -> bytes:
    """Grey or coloured pixels as a PNG file; empty for anything else."""
    features = document.features if document else ()
    feature = next((each for each in features if each.name == name), None)
    if feature is None or feature.kind != "image":
        return b""
    channels = feature.options.get("channels", 1)
    size = feature.options.get("size")
    if not (isinstance(size, (list, tuple)) and len(size) == 2):
        side = math.isqrt(len(content) // max(1, channels))
        size = (side, side)
    height, width = size
    if channels not in (1, 3) or height * width * channels != len(content) or not content:
        return b""
    line = width * channels
    lines = b"".join(b"\0" + content[at : at + line] for at in range(0, len(content), line))
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def _text(values: Values) -> str:
    parts = []
    for each in values[:MOST_SHOWN]:
        if isinstance(each, bytes):
            try:
                parts.append(each[: 4 * MOST_SHOWN].decode())
            except UnicodeDecodeError:
                parts.append(counted(len(each), "byte"))
        else:
            parts.append(f"{each:g}" if isinstance(each, float) else str(each))
    return cut(", ".join(parts), MOST_SHOWN)
