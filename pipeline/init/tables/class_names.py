"""What the classes of a Parquet file are called, whose label holds their numbers.

Hugging Face's `datasets` writes the names into the schema, beside the types of all features.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from components.example_gen.formats import files

_KEY = b"huggingface"


def class_names(path: str, label: str, held: Iterable[str]) -> dict[str, str]:
    """The name of each number; nothing where the file tells none, or not of all that are held.

    Args:
      held: what the label holds.
    """
    import pyarrow.parquet as parquet

    with files.opened(path) as stream:
        metadata: Mapping[bytes, bytes] = parquet.read_schema(stream).metadata or {}
    names = _names(metadata.get(_KEY, b""), label)
    found = {str(number): name for number, name in enumerate(names)}
    is_whole = len({*names}) == len(names) > 1 and {*held} <= found.keys()
    # A sample of a large set names classes that nobody here will see.
    return found if is_whole and 2 * len({*held}) >= len(names) else {}


def _names(told: bytes, label: str) -> list[str]:
    try:
        features: Any = json.loads(told)["info"]["features"]
        names = features[label]["names"]
    except (ValueError, KeyError, TypeError):
        return []
    is_list = isinstance(names, list) and all(isinstance(name, str) and name for name in names)
    return names if is_list else []
