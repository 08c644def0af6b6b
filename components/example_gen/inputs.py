"""The IDX files behind each input split, on any file system TFX can read."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import IO

from tfx.dsl.io import fileio
from tfx.proto import example_gen_pb2

from components.example_gen import idx
from components.example_gen.pair import SPLITS, Pair, pair_of
from documents.digest import file_digest
from models.features.image.kind import Image


def default_input_config(folder: str | None = None) -> example_gen_pb2.Input:
    """The official MNIST file names: train-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz, ...

    Args:
      folder: below the input base, where they lie; may hold {SPAN} and {VERSION}.
    """
    return example_gen_pb2.Input(
        splits=[
            example_gen_pb2.Input.Split(name=name, pattern=os.path.join(folder or "", pattern))
            for name, pattern in SPLITS.items()
        ]
    )


def find_pairs(input_base: str, patterns: Mapping[str, str]) -> dict[str, Pair]:
    """The pair of every input split.

    Args:
      input_base: folder or URI.
      patterns: glob below `input_base` per input split, spans and versions already filled in.

    Raises:
      IdxError: a file is missing, or a pattern fits more than one.
    """
    return {
        split: pair_of(files(input_base, pattern), os.path.join(input_base, pattern))
        for split, pattern in patterns.items()
    }


def fingerprint(pairs: Mapping[str, Pair]) -> str:
    """Hex sha256 of what `sha256sum` prints for the files, images before labels, split by split.

    Content alone counts: a copy with new modification times has the same fingerprint.
    """
    listing = hashlib.sha256()
    for pair in pairs.values():
        for path in (pair.images, pair.labels):
            listing.update(f"{file_digest(path, _opened)}  {os.path.basename(path)}\n".encode())
    return listing.hexdigest()


@contextmanager
def open_images(pair: Pair, image: Image) -> Iterator[idx.IdxReader]:
    """Raises IdxError like IdxReader."""
    with fileio.open(pair.images, "rb") as stream:
        yield idx.IdxReader(stream, pair.images, dimensions=1 + len(image.shape))


@contextmanager
def open_labels(pair: Pair) -> Iterator[idx.IdxReader]:
    """Raises IdxError like IdxReader."""
    with fileio.open(pair.labels, "rb") as stream:
        yield idx.IdxReader(stream, pair.labels, dimensions=1)


def files(input_base: str, pattern: str) -> list[str]:
    """Paths that fit `pattern` below `input_base`, in whose own name nothing is a wildcard."""
    # As C's fnmatch has it, which is behind every file system of TensorFlow; Python's knows no
    # escape of a backslash.
    base = re.sub(r"[*?[]", r"[\g<0>]", input_base.replace("\\", r"\\"))
    return [os.fsdecode(path) for path in fileio.glob(os.path.join(base, pattern))]


def _opened(path: str) -> AbstractContextManager[IO[bytes]]:
    file: AbstractContextManager[IO[bytes]] = fileio.open(path, "rb")
    return file
