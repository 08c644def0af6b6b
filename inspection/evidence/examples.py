"""Rows of a split as people can look at them, read a record at a time and without TensorFlow."""

from __future__ import annotations

import dataclasses
import glob
import gzip
import struct
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence

from documents.features import Features
from inspection.evidence import protobuf
from inspection.evidence.cells import Budget, Cell, Values, cell_of, class_of, text_of
from inspection.evidence.damage import pass_over
from inspection.evidence.statistics import SPLIT_PREFIX
from inspection.evidence.tfrecord import records
from inspection.files.stored_file import StoredFile
from inspection.files.workspace import Workspace
from inspection.history.records import Artifact

MOST_ROWS = 100
MOST_READ = 64 << 20
"""Bytes of a split that are looked through, uncompressed."""
_GZIP = b"\x1f\x8b"


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
    if workspace.bucket(artifact.uri):
        names = {each.path.partition("/")[0] for each in workspace.files(artifact.uri, "*/*")}
    else:
        folder = workspace.find(artifact.uri) if artifact.uri else None
        if folder is None or folder == workspace.root or not folder.is_dir():
            return ()
        names = {each.name for each in folder.iterdir()}
    prefix = SPLIT_PREFIX
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def _files(workspace: Workspace, artifacts: Sequence[Artifact], split: str) -> list[StoredFile]:
    """Those of a split, in the order of their paths as texts."""
    found = [
        file
        for each in artifacts
        if split in splits_of(workspace, each)
        for file in workspace.files(each.uri, f"{SPLIT_PREFIX}{glob.escape(split)}/*")
    ]
    return sorted(found, key=lambda file: file.place)


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
    document = workspace.read(Features, artifact.uri)
    wanted = _Slice(where, document)
    found: list[tuple[int, Mapping[str, Values]]] = []
    read, complete = 0, True
    for record in _records(_files(workspace, [artifact], split)):
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
    wanted, last = {*places}, max(places, default=-1)
    found: list[tuple[int, Mapping[str, Values]]] = []
    read, complete = 0, True
    for record in _records(_files(workspace, artifacts, split)):
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
    budget = Budget()
    rows = tuple(
        (number, tuple(cell_of(row.get(name), name, document, budget) for name in names))
        for number, row in found
    )
    return Rows(split, tuple(names), rows, read, complete)


def _records(files: Sequence[StoredFile]) -> Iterator[bytes | None]:
    """Records of all files; None where too much was read."""
    left = MOST_READ
    for file in files:
        try:
            with file.open() as opened:
                start = opened.read(2)
                opened.seek(0)
                stream = gzip.GzipFile(fileobj=opened) if start == _GZIP else opened
                for record in records(stream):
                    left -= len(record)
                    if left < 0:
                        yield None
                        return
                    yield record
        except (OSError, EOFError, zlib.error, protobuf.WireError) as error:
            pass_over(file, error)


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
        return wanted in (text_of(values[:1]), class_of(values[0], name, self._document))
