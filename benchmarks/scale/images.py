"""Images by the hundred thousand: the official ones over and over, in gzipped IDX files."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

from components.example_gen.idx import IdxReader

_LEVEL = 6
"""Of gzip, as the official files have it."""


def replicate(data: Path, folder: Path, times: int) -> int:
    """Writes the four files of `data` into `folder`, with the items of each `times` over.

    Returns how many images there are. What is packed is not packed again: members of a gzip file
    follow one another.

    Raises:
      IdxError: a file is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for split in ("train", "t10k"):
        for kind, dimensions in (("images-idx3", 3), ("labels-idx1", 1)):
            name = f"{split}-{kind}-ubyte.gz"
            pieces: list[bytes] = []
            with (data / name).open("rb") as file:
                reader = IdxReader(file, name, dimensions)
                reader.read_through(pieces.append)
            items, *shape = reader.shape
            header = struct.pack(f">HBB{dimensions}I", 0, 8, dimensions, items * times, *shape)
            packed = gzip.compress(b"".join(pieces[1:]), _LEVEL, mtime=0)
            with (folder / name).open("wb") as out:
                out.write(gzip.compress(header, mtime=0))
                for _ in range(times):
                    out.write(packed)
            count += items * times if dimensions == 3 else 0
    return count
