"""Folders of texts, a file each, which no format reads: what makes a table of them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable

from components.example_gen.formats import files

_SUFFIX = ".txt"
_FEWEST = 3
_LOOKED_AT = 1_000
"""Files, of whatever kind."""


def of_texts(paths: Iterable[str]) -> str:
    """The end of a sentence about folders that hold texts, a file each; "" of all others."""
    for root in filter(files.is_folder, paths):
        found = [entry.path for entry in itertools.islice(files.walk(root), _LOOKED_AT)]
        texts = [path for path in found if path.lower().endswith(_SUFFIX)]
        inside = {os.path.dirname(path) for path in texts} - {root.rstrip("/")}
        if 2 * len(texts) > len(found) and len(texts) >= _FEWEST and len(inside) > 1:
            return (
                "; it seems to hold texts, a file each: make one CSV file of them, as docs/data.md"
                " (A folder of texts) shows, and take that with --table"
            )
    return ""
