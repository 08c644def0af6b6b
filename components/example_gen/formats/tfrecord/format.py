"""TFRecords of tf.Examples, as pipelines of TFX have them already."""

from __future__ import annotations

import gzip
import itertools
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, ClassVar, cast

from components.example_gen.formats import files
from components.example_gen.formats.format import BadRow, Batch, Format, FormatError, Range
from documents.shown import shown

_LONGEST = 1 << 30
_FIRST = 100
"""Records that are asked for columns."""
_GZIP = b"\x1f\x8b"


class TfRecord(Format):
    """Rows are records, numbered from 1. Cells are int, float, bytes, a list of them, or None.

    A file that is compressed with gzip, as TFX's own are, is one range: nothing in it can be found
    without all that stands before.
    """

    NAME: ClassVar[str] = "tfrecord"
    SUFFIXES: ClassVar[tuple[str, ...]] = (".tfrecord", ".tfrecords", ".tfr")

    def names(self, source: str) -> Sequence[str]:
        """See Format; those of the first records, which may lack any, and of those behind them
        where one that is needed comes later."""
        found: dict[str, None] = {}
        for number, record in enumerate(self._records(source)):
            if number >= _FIRST and found.keys() >= {*self.columns.needed}:
                break
            if isinstance(row := _parsed(record), dict):
                found |= dict.fromkeys(sorted(row))
        return [*found]

    def lost(self, source: str) -> list[str]:
        """See Format."""
        names = self.names(source)
        return [name for name in self.columns.needed if name not in names]

    def _records(self, source: str) -> Iterator[bytes]:
        with files.opened(source) as stream:
            if _is_compressed(stream):
                yield from _inflated(stream, source)
            else:
                yield from whole_records(stream, source, 0, files.size(source))

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format."""
        start, first, at, row = 0, 1, 0, 1
        with files.opened(source) as stream:
            if _is_compressed(stream):
                yield Range(source, 0, files.size(source), 1)
                return
            for record in whole_records(stream, source, 0, files.size(source)):
                at += len(record) + 16
                row += 1
                if at - start >= size:
                    yield Range(source, start, at, first)
                    start, first = at, row
        if at > start:
            yield Range(source, start, at, first)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format."""
        with files.opened(part.path) as stream:
            if _is_compressed(stream):
                records = _inflated(stream, part.path)
            else:
                records = whole_records(stream, part.path, part.start, part.stop)
            numbered = enumerate(records, part.line)
            while some := list(itertools.islice(numbered, self.rows_at_once)):
                yield self._batch(part.path, some)

    def _batch(self, path: str, some: list[tuple[int, bytes]]) -> Batch:
        lines: list[int | None] = []
        rows: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for number, record in some:
            row = _parsed(record)
            if isinstance(row, dict):
                rows.append(row)
                lines.append(number)
            else:
                bad.append(BadRow(path, number, row))
        cells = {name: [row.get(name) for row in rows] for name in self.columns.needed}
        return Batch(path, lines, cells, tuple(bad))


def _parsed(record: bytes) -> dict[str, Any] | str:
    """The cells of a record by name, or why there are none."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.example.example_pb2 import Example

    try:
        features = Example.FromString(record).features.feature
    except DecodeError:
        return "is no tf.Example"
    return {name: _cell(features[name]) for name in features}


def _is_compressed(stream: IO[bytes]) -> bool:
    is_so = stream.read(len(_GZIP)) == _GZIP
    stream.seek(0)
    return is_so


def _inflated(stream: IO[bytes], path: str) -> Iterator[bytes]:
    """As `whole_records`, of a file that is compressed."""
    with gzip.GzipFile(fileobj=stream) as inflated:
        try:
            yield from whole_records(cast("IO[bytes]", inflated), path, 0, None)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FormatError(
                f"{shown(path)} is damaged or cut off: gzip finds that {shown(error)}; write it"
                " again."
            ) from error


def whole_records(stream: IO[bytes], path: str, start: int, stop: int | None) -> Iterator[bytes]:
    """Up to the byte `stop`, or to the end of what is compressed. Raises FormatError where the
    framing is damaged: length and data have checksums."""
    from google_crc32c import value as checksum

    def is_whole(content: bytes, held: bytes) -> bool:
        crc = checksum(content)
        masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
        return held == struct.pack("<I", masked)

    if start:
        stream.seek(start)
    at = start
    while stop is None or at < stop:
        head = stream.read(12)
        if stop is None and not head:
            return
        [length] = struct.unpack("<Q", head[:8]) if len(head) == 12 else (0,)
        if len(head) < 12 or not is_whole(head[:8], head[8:]) or length > _LONGEST:
            raise FormatError(
                f"{shown(path)} is no sound TFRecord file (byte {at:,}); write it again."
            )
        record, tail = stream.read(length), stream.read(4)
        if len(record) < length or not is_whole(record, tail):
            raise FormatError(
                f"{shown(path)} is damaged or cut off at byte {at:,}; write it again."
            )
        at += length + 16
        yield record


def _cell(feature: Any) -> Any:
    kind = feature.WhichOneof("kind")
    values = list(getattr(feature, kind).value) if kind else []
    if len(values) > 1:
        return values
    return values[0] if values else None
