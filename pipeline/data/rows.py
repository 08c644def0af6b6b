"""Whether data of any format are there and have the columns that are declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from components.example_gen import spans
from components.example_gen.formats import files
from components.example_gen.formats.registry import format_of
from components.example_gen.rows.encoder import columns_of
from documents.settings.section import short
from models.declaration import Declaration
from models.user_code import UserFunction
from pipeline.data.dataset import Dataset, DatasetError
from pipeline.data.origin import find_files
from pipeline.files.paths import absolute
from pipeline.sections.data import DataSettings

_LOOKED_AT = 20
"""Files whose first line is looked at; ExampleGen looks at all."""
_BYTES = 1 << 20


def find_rows(data: DataSettings, cache: Callable[[], Path]) -> Dataset:
    """The folder below which they are, if need be after they were downloaded or unpacked.

    Args:
      cache: the folder for downloads of this data set, asked for when it is needed.

    Raises:
      DatasetError: nothing fits data.files, or data.origin cannot be had.
      SpanError: no span fits.
    """
    if data.origin is not None:
        try:
            return Dataset(*find_files(data.origin, cache))
        except OSError as error:
            raise DatasetError(
                f"The data of data.origin cannot be had: {str(error).rstrip('.')}. Put them in a"
                " folder and set data.files to it, with data.origin=null."
            ) from error
    found = found_files(data, data.place[0])
    if not found:
        raise DatasetError(
            f"data.files = {short(data.files, 300)} fits no file; check the path (wildcards are *"
            " and ?, spans {SPAN} and {VERSION})."
        )
    base, _ = data.place
    if not files.is_local(base):
        return Dataset(Path(base), "folder", base)
    return Dataset(_absolute(base), "folder")


def check_rows(
    data: DataSettings,
    declaration: Declaration,
    base: str | None = None,
    code: UserFunction | None = None,
) -> None:
    """Whether the first files have the columns that are declared.

    Args:
      base: the folder that `find_rows` found, where the settings do not name one.
      code: the user's function that reads them.

    Raises:
      FormatError: one lacks a column, or is no file of the format.
    """
    format_ = format_of(data.format, data.rows.options, columns_of(declaration, data.split), code)
    for source in format_.sources(found_files(data, base or data.place[0]))[:_LOOKED_AT]:
        next(iter(format_.ranges(source, _BYTES)), None)


def found_files(data: DataSettings, base: str) -> Sequence[str]:
    """The files and folders below `base` that fit, of the span that is taken.

    Raises:
      SpanError: no span fits.
    """
    pattern = data.place[1]
    if files.is_local(base):
        base = str(_absolute(base))
    if not spans.has_spans(pattern):
        return files.find(base, pattern)
    by_span = spans.find(base, pattern, files.find)
    chosen = spans.choose(
        {"data": by_span},
        data.span,
        where=f"{base}/{pattern}",
        folders=spans.folders(base, [pattern], files.find),
    )
    return by_span[chosen]


def _absolute(base: str) -> Path:
    try:
        return absolute(base)
    except ValueError as error:
        raise DatasetError(f"data.files below {base} cannot be read: {error}.") from error
