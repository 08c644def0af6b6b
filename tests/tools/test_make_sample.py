from __future__ import annotations

from pathlib import Path

import numpy as np

from components.example_gen import idx
from tests.fashion_mnist import SAMPLE
from tools import make_sample


def read(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for name, dimensions in (("images-idx3", 3), ("labels-idx1", 1)):
        with (folder / f"{part}-{name}-ubyte.gz").open("rb") as stream:
            reader = idx.IdxReader(stream, name, dimensions)
            arrays.append(np.concatenate(list(reader.batches(0, reader.shape[0]))))
    return arrays[0], arrays[1]


def test_the_first_of_every_label_are_taken_in_turn(tmp_path: Path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(10, dtype=np.uint8), 200))
    images = np.stack([np.full((2, 2), index % 256, np.uint8) for index in range(len(labels))])
    for part in make_sample.IMAGES_PER_LABEL:
        make_sample.write_idx(source / f"{part}-images-idx3-ubyte.gz", images)
        make_sample.write_idx(source / f"{part}-labels-idx1-ubyte.gz", labels)
    make_sample.make_sample(source, target)
    for part, per_label in make_sample.IMAGES_PER_LABEL.items():
        sample_images, sample_labels = read(target, part)
        assert sample_labels.tolist() == list(range(10)) * per_label
        first_sevens = np.flatnonzero(labels == 7)[:per_label]
        assert np.array_equal(sample_images[sample_labels == 7], images[first_sevens])


def test_the_bundled_sample_follows_the_rule():
    for part, per_label in make_sample.IMAGES_PER_LABEL.items():
        images, labels = read(SAMPLE, part)
        assert images.shape == (10 * per_label, 28, 28)
        assert labels.tolist() == list(range(10)) * per_label
