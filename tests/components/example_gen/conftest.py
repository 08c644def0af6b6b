"""Small IDX data sets, made as files."""

from __future__ import annotations

import gzip
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

TRAIN, TEST = 30, 10


def idx_bytes(values: np.ndarray) -> bytes:
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


@pytest.fixture
def write_idx() -> Callable[..., Path]:
    """Writes an array as IDX file; gzipped if the name ends in .gz."""

    def write(path: Path, values: np.ndarray) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = idx_bytes(values.astype(np.uint8))
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
        return path

    return write


@pytest.fixture
def write_folder(write_idx: Callable[..., Path]) -> Callable[..., Path]:
    """Writes the four files: 30 + 10 random images of 4x3 pixels, label = index modulo 10."""

    def write(folder: Path, seed: int = 0) -> Path:
        random = np.random.default_rng(seed)
        for prefix, count in (("train", TRAIN), ("t10k", TEST)):
            images = random.integers(0, 256, (count, 4, 3))
            write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", images)
            write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", np.arange(count) % 10)
        return folder

    return write


@pytest.fixture
def inflated(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many bytes are inflated from now on, by the name of the file."""
    found: Counter[str] = Counter()
    real = gzip.GzipFile.read

    def read(file: gzip.GzipFile, size: int | None = -1) -> bytes:
        data = real(file, size)
        found[Path(str(file.name)).name] += len(data)
        return data

    monkeypatch.setattr(gzip.GzipFile, "read", read)
    return found
