"""Writes the input of the stock pipeline: TFRecords with an image as 784 floats. Not measured."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.example_gen.idx import IdxReader, read_labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the four IDX files")
    parser.add_argument("--eval", type=int, default=5_000, help="last training images held out")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    with (options.data / "train-images-idx3-ubyte.gz").open("rb") as file:
        reader = IdxReader(file, file.name, dimensions=3)
        images = np.concatenate(list(reader.batches(0, reader.shape[0])))
    with (options.data / "train-labels-idx1-ubyte.gz").open("rb") as file:
        labels = read_labels(IdxReader(file, file.name, dimensions=1))
    cut = len(images) - options.eval
    for split, part in (("train", slice(None, cut)), ("eval", slice(cut, None))):
        path = options.output / split / f"{split}.tfrecord"
        path.parent.mkdir(parents=True)
        with tf.io.TFRecordWriter(str(path)) as writer:
            for image, label in zip(images[part], labels[part], strict=True):
                writer.write(_example(image, int(label)).SerializeToString())


def _example(image: np.ndarray, label: int) -> tf.train.Example:
    example = tf.train.Example()
    pixels = example.features.feature["image_floats"].float_list.value
    pixels.extend((image.ravel() / 255.0).tolist())
    example.features.feature["image_class"].int64_list.value.append(label)
    return example


if __name__ == "__main__":
    main()
