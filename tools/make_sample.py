"""Makes the bundled sample from the real Fashion-MNIST.

Rule: the first images of every label in file order, taken in turn (label 0 to 9, again and again),
so that any run of ten holds every label once and a held-out tail is balanced too.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import struct
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.example_gen import idx
from documents.terminal.command_line import CommandLine
from documents.terminal.option_types import folder_option

SAMPLE = Path(__file__).resolve().parent.parent / "configs" / "fashion_mnist_sample"
CLASSES = 10
IMAGES_PER_LABEL = {"train": 175, "t10k": 50}


def choose(labels: NDArray[np.uint8], per_label: int) -> NDArray[np.intp]:
    """Indices of the sample's images, [per_label * 10], in the sample's order."""
    by_label = [np.flatnonzero(labels == label)[:per_label] for label in range(CLASSES)]
    chosen: NDArray[np.intp] = np.stack(by_label, axis=1).ravel()
    return chosen


def write_idx(path: Path, values: NDArray[np.uint8]) -> None:
    """Writes a gzipped IDX file; the same values give the same bytes (for one zlib)."""
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    with (
        path.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as zipped,
    ):
        zipped.write(header + values.tobytes())


def make_sample(source: Path, target: Path) -> None:
    """Reads the four files in `source` and writes theirs of the same names to `target`.

    Raises:
      IdxError: a file in `source` is damaged.
    """
    for part, per_label in IMAGES_PER_LABEL.items():
        images_name = f"{part}-images-idx3-ubyte.gz"
        labels_name = f"{part}-labels-idx1-ubyte.gz"
        with (source / labels_name).open("rb") as stream:
            reader = idx.IdxReader(stream, labels_name, dimensions=1)
            labels = np.concatenate(list(reader.batches(0, reader.shape[0])))
            reader.check_end()
        chosen = choose(labels, per_label)
        with (source / images_name).open("rb") as stream:
            reader = idx.IdxReader(stream, images_name, dimensions=3)
            images = np.concatenate(list(reader.batches(0, int(chosen.max()) + 1)))
        write_idx(target / images_name, images[chosen])
        write_idx(target / labels_name, labels[chosen])


def main() -> None:
    parser = CommandLine(
        prog="python -m tools.make_sample",
        description=__doc__,
        epilog="example: python -m tools.make_sample ~/fashion_mnist",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=folder_option, help="of the four official .gz files")
    try:
        make_sample(parser.parse_args().folder, SAMPLE)
    except OSError as error:
        sys.exit(f"{error.filename} cannot be read: {error.strerror}.")
    for path in sorted(SAMPLE.glob("*.gz")):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")


if __name__ == "__main__":
    main()
