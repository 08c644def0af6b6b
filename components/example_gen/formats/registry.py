"""The registry of formats: a new one is a folder and a line here."""

from __future__ import annotations

from components.example_gen.formats.code.format import Code
from components.example_gen.formats.csv.format import Csv
from components.example_gen.formats.format import Columns, Format
from components.example_gen.formats.idx.format import Idx
from components.example_gen.formats.image_folder.format import ImageFolder
from components.example_gen.formats.jsonl.format import Jsonl
from components.example_gen.formats.manifest.format import Manifest
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.parquet.format import Parquet
from components.example_gen.formats.pixels.format import Pixels
from components.example_gen.formats.tfrecord.format import TfRecord
from models.user_code import UserFunction

FORMATS: dict[str, type[Format]] = {
    kind.NAME: kind
    for kind in (
        Code,
        Csv,
        Idx,
        ImageFolder,
        Jsonl,
        Manifest,
        Parquet,
        Pixels,
        TfRecord,
    )
}
"""By the name that the settings have for it."""


def format_of(
    name: str, options: FormatOptions, columns: Columns, code: UserFunction | None = None
) -> Format:
    """The format of that name, which settings have checked.

    Args:
      code: the user's function, for the format `code`.
    """
    kind = FORMATS[name]
    return Code(options, columns, code) if kind is Code else kind(options, columns)
