"""A plain copy of a gzipped file, for whoever reads it from the middle.

In a gzip stream nothing is found without inflating all that stands before it: sixty shards that are
read from one file would inflate it thirty times.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from components.example_gen.idx import IdxReader

Write = Callable[[bytes], Any]


@contextlib.contextmanager
def plain_copy(reader: IdxReader, folder: str) -> Iterator[tuple[str, Write]]:
    """A path that can be read from the middle, and what has to be given the file on the way there.

    That is the file itself where it is plain. Else it is a new one in `folder`, which is for the
    caller to remove; attempts at the same file have copies of their own.

    Args:
      folder: on any file system that TFX can write; made where it is not there.
    """
    if not reader.is_zipped:
        yield reader.name, len
        return
    from tfx.dsl.io import fileio

    fileio.makedirs(folder)
    path = os.path.join(folder, f"plain-{uuid.uuid4().hex}")
    with fileio.open(path, "wb") as file:
        yield path, file.write
