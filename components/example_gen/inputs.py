"""The IDX files behind each input split, on any file system TFX can read."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tfx.dsl.io import fileio
from tfx.proto import example_gen_pb2

from components.example_gen import idx

IMAGES = "images-idx3-ubyte"
LABELS = "labels-idx1-ubyte"


@dataclasses.dataclass(frozen=True)
class Pair:
    """Paths of a file of images and of the file of their labels."""

    images: str
    labels: str


def default_input_config(folder: str | None = None) -> example_gen_pb2.Input:
    """The official MNIST file names: train-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz, ...

    Args:
      folder: below the input base, where they lie; may hold {SPAN} and {VERSION}.
    """
    return example_gen_pb2.Input(
        splits=[
            example_gen_pb2.Input.Split(name=name, pattern=os.path.join(folder or "", pattern))
            for name, pattern in (("train", "train-*"), ("test", "t10k-*"))
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
        split: Pair(
            images=_find(os.path.join(input_base, pattern), IMAGES),
            labels=_find(os.path.join(input_base, pattern), LABELS),
        )
        for split, pattern in patterns.items()
    }


def fingerprint(pairs: Mapping[str, Pair]) -> str:
    """Hex sha256 of what `sha256sum` prints for the files, images before labels, split by split.

    Content alone counts: a copy with new modification times has the same fingerprint.
    """
    listing = hashlib.sha256()
    for pair in pairs.values():
        for path in (pair.images, pair.labels):
            listing.update(f"{_sha256(path)}  {os.path.basename(path)}\n".encode())
    return listing.hexdigest()


@contextmanager
def open_images(pair: Pair) -> Iterator[idx.IdxReader]:
    """Raises IdxError like IdxReader."""
    with fileio.open(pair.images, "rb") as stream:
        yield idx.IdxReader(stream, pair.images, dimensions=3)


@contextmanager
def open_labels(pair: Pair) -> Iterator[idx.IdxReader]:
    """Raises IdxError like IdxReader."""
    with fileio.open(pair.labels, "rb") as stream:
        yield idx.IdxReader(stream, pair.labels, dimensions=1)


def _find(pattern: str, kind: str) -> str:
    paths = [os.fsdecode(path) for path in fileio.glob(pattern)]
    paths = [path for path in paths if path.endswith((kind, f"{kind}.gz"))]
    if not paths:
        raise idx.IdxError(
            f"Missing {pattern.replace('*', kind)}, plain or .gz; point data.folder to a folder "
            "with all IDX files."
        )
    # A plain file beside its .gz is a copy; published checksums are those of the .gz.
    zipped = [path for path in paths if path.endswith(".gz")]
    chosen = zipped or paths
    if len(chosen) > 1:
        raise idx.IdxError(
            f"{pattern} fits {len(chosen)} files of {kind}: {', '.join(sorted(chosen))}; "
            "leave one of them in data.folder."
        )
    return chosen[0]


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with fileio.open(path, "rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
