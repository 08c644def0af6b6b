"""What a folder holds in which no file is a table, as `init` is asked for one."""

from __future__ import annotations

import itertools
import shlex

from components.example_gen.formats import files
from documents.shown import shown
from models.features.image.conversion import SUFFIXES
from pipeline.init.folders.no_images import foreign_file
from pipeline.init.folders.texts import of_texts

_FIRST = 200
"""Files that are looked into."""


def of_no_table(root: str) -> str | None:
    """A sentence about a folder; None where nothing is known of its files."""
    if texts := of_texts([root]):
        return f"{shown(root)} is no table{texts}."
    found = [entry.path for entry in itertools.islice(files.walk(root), _FIRST)]
    for path in found:
        if path.lower().endswith(SUFFIXES):
            place = shown(shlex.quote(root))
            return f"{shown(root)} holds images and no table: take it with --images {place}."
        if told := foreign_file(path):
            return f"{shown(root)} holds no table: {shown(path)} {told}."
    return None
