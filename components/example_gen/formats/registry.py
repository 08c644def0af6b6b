"""The registry of formats: a new one is a folder and a line here."""

from __future__ import annotations

from components.example_gen.formats.csv.format import Csv
from components.example_gen.formats.format import Columns, Format
from components.example_gen.formats.image_folder.format import ImageFolder
from components.example_gen.formats.jsonl.format import Jsonl
from components.example_gen.formats.manifest.format import Manifest
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.parquet.format import Parquet
from components.example_gen.formats.pixels.format import Pixels
from components.example_gen.formats.tfrecord.format import TfRecord

FORMATS: dict[str, type[Format]] = {
    kind.NAME: kind for kind in (Csv, ImageFolder, Jsonl, Manifest, Parquet, Pixels, TfRecord)
}
"""By the name that the settings have for it."""


def format_of(name: str, options: FormatOptions, columns: Columns) -> Format:
    """The format of that name, which settings have checked."""
    return FORMATS[name](options, columns)
