"""One range of rows on its way to shards: what a Beam worker is told, does and leaves behind."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pydantic
import tensorflow as tf
from tfx.dsl.io import fileio

from components.example_gen.formats.files_of_rows import filled
from components.example_gen.formats.format import BadRow, FormatError, Range
from components.example_gen.formats.registry import format_of
from components.example_gen.rows.encoder import Encoder, columns_of
from components.example_gen.rows.options import RowsSection
from components.example_gen.rows.totals import Totals
from documents.quarantine import QuarantinedRow
from models.declaration import Declaration


@dataclasses.dataclass(frozen=True)
class Job:
    """What every worker is told."""

    rows: str
    """JSON of a RowsSection."""
    declaration: str
    """JSON of a Declaration."""
    size: int
    """Of a range, in bytes."""
    folder: str
    """Where parts are left."""


@dataclasses.dataclass(frozen=True)
class Part:
    """What is left of a range: files in the folder of the job."""

    totals: Totals
    shards: dict[str, str]
    """File by split."""
    quarantine: str | None
    """File with the rows that could not be read."""


def cut(source: tuple[int, str], job: Job) -> Iterator[tuple[str, Range]]:
    """The ranges of a source with the name of their part; a source that cannot be read has none.

    Leaves how many there are, or what is wrong.
    """
    number, path = source
    format_ = _format(job)
    count = 0
    try:
        new, lost = format_.undeclared(path), format_.lost(path)
        for part in format_.cut(path, job.size, job.folder):
            yield f"{number:06d}-{count:06d}", part
            count += 1
    except (FormatError, OSError) as error:
        _leave(job, f"{number:06d}", {"error": _sentence(path, error)})
        return
    _leave(job, f"{number:06d}", {"ranges": count, "undeclared": new, "lost": lost})


def write(named: tuple[str, Range], job: Job) -> None:
    """Writes the examples of one range, one file for each split, and leaves what came of it."""
    name, part = named
    # A worker that is retried may run beside its predecessor: each has names of its own.
    unique = f"{name}-{uuid.uuid4().hex}"
    format_ = _format(job)
    rows, declaration = _told(job)
    encoder = Encoder(declaration, rows.options.split)
    totals = Totals()
    shards: dict[str, str] = {}
    quarantine: str | None = None
    try:
        with contextlib.ExitStack() as stack:
            writers: dict[str, Any] = {}
            bad_rows: Any = None
            for batch in format_.batches(part):
                whole = filled(batch, format_.columns) if format_.columns.of_files else batch
                encoded = encoder.encode(whole)
                for split, examples in encoded.examples.items():
                    if split not in writers:
                        shards[split] = f"{unique}-{split}"
                        writers[split] = stack.enter_context(
                            tf.io.TFRecordWriter(os.path.join(job.folder, shards[split]))
                        )
                    append = writers[split].write
                    for example in examples:
                        append(example)
                if encoded.bad and quarantine is None:
                    quarantine = f"{unique}-bad"
                    bad_rows = stack.enter_context(
                        fileio.open(os.path.join(job.folder, quarantine), "w")
                    )
                for row in encoded.bad:
                    bad_rows.write(_line(row))
                totals.add(encoded)
    except (FormatError, OSError) as error:
        _leave(job, name, {"error": _sentence(part.path, error)})
        return
    _leave(job, name, _PART.dump_python(Part(totals, shards, quarantine), mode="json"))


def collect(job: Job, sources: list[str]) -> list[Part]:
    """What all ranges have left, in the order of the data.

    Raises:
      FormatError: a file could not be read.
      FileNotFoundError: a range was not read, though Beam reported success.
    """
    return [
        _PART.validate_python(_left(job, f"{number:06d}-{index:06d}"))
        for number in range(len(sources))
        for index in range(_left(job, f"{number:06d}")["ranges"])
    ]


_PART = pydantic.TypeAdapter(Part)


def undeclared(job: Job, sources: list[str]) -> dict[str, str]:
    """Columns that the settings do not name, and the first file that has each."""
    found: dict[str, str] = {}
    for number, source in enumerate(sources):
        for name in _left(job, f"{number:06d}")["undeclared"]:
            found.setdefault(name, source)
    return found


def lost(job: Job, sources: list[str]) -> list[str]:
    """Columns that are needed and that no row of any source has."""
    first, *others = (_left(job, f"{number:06d}")["lost"] for number in range(len(sources)))
    return [name for name in first if all(name in of for of in others)]


def _told(job: Job) -> tuple[RowsSection, Declaration]:
    return (
        RowsSection.model_validate_json(job.rows),
        Declaration.model_validate_json(job.declaration),
    )


def _format(job: Job) -> Any:
    rows, declaration = _told(job)
    return format_of(
        rows.format, rows.options, columns_of(declaration, rows.options.split), rows.code
    )


def _leave(job: Job, name: str, left: dict[str, Any]) -> None:
    unfinished = os.path.join(job.folder, uuid.uuid4().hex)
    with fileio.open(unfinished, "w") as file:
        file.write(json.dumps(left))
    fileio.rename(unfinished, os.path.join(job.folder, f"{name}.json"), overwrite=True)


def _left(job: Job, name: str) -> dict[str, Any]:
    path = os.path.join(job.folder, f"{name}.json")
    if not fileio.exists(path):
        raise FileNotFoundError(path)
    with fileio.open(path, "r") as file:
        left: dict[str, Any] = json.loads(file.read())
    if "error" in left:
        raise FormatError(left["error"])
    return left


def _line(row: BadRow) -> str:
    document = QuarantinedRow(path=row.path, line=row.line, reason=row.reason)
    return json.dumps(document.as_dict()) + "\n"


def _sentence(path: str, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{path} cannot be read: {error.strerror or error}; mend it, or take it away."
    return str(error)
