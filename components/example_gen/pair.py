"""A file of images and the file of their labels, told by their names. Without TensorFlow."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

IMAGES = ("images-idx3-ubyte", "images-idx4-ubyte")
"""Grey ones, and those with an axis for colours."""
LABELS = ("labels-idx1-ubyte",)
SPLITS = {"train": "train-*", "test": "t10k-*"}
"""The official MNIST file names: train-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz, ..."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """Paths of a file of images and of the file of their labels."""

    images: str
    labels: str


def pair_of(paths: Iterable[str], where: str) -> Pair:
    """The pair among the files of one input split.

    Args:
      where: folder and pattern, for people.

    Raises:
      IdxError: one of the two is missing, or there is more than one.
    """
    names = sorted(paths)
    return Pair(images=_one(names, IMAGES, where), labels=_one(names, LABELS, where))


def _one(paths: Iterable[str], kinds: tuple[str, ...], where: str) -> str:
    # numpy, behind it, waits until the settings are known to be good.
    from components.example_gen import idx

    endings = (*kinds, *(f"{kind}.gz" for kind in kinds))
    paths, kind = [path for path in paths if path.endswith(endings)], kinds[0]
    if not paths:
        raise idx.IdxError(
            f"Missing {where.replace('*', kind)}, plain or .gz; name a folder with all IDX "
            "files: data.folder in the settings, on Kubeflow --data or --param data=."
        )
    # A plain file beside its .gz is a copy; published checksums are those of the .gz.
    zipped = [path for path in paths if path.endswith(".gz")]
    chosen = zipped or paths
    if len(chosen) > 1:
        raise idx.IdxError(
            f"{where} fits {len(chosen)} files of {kind}: {', '.join(chosen)}; "
            "leave one of them there."
        )
    return chosen[0]
