"""The examples of stock TFX's mnist example: writes them, and asks its model about them.

One uncompressed TFRecord file per split, of examples with `image_floats`, 784 floats in
[-0.5, 0.5], and `image_class`. Runs in processes of its own, before and after what is measured.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.prototype import read_idx
from documents.terminal.command_line import CommandLine

BATCH = 500


def write(data: Path, output: Path, eval_examples: int) -> None:
    """Writes splits train, eval and test, cut as the pipeline's ExampleGen cuts them."""
    images = read_idx(data, "train-images-idx3-ubyte")
    labels = read_idx(data, "train-labels-idx1-ubyte")
    test = read_idx(data, "t10k-images-idx3-ubyte"), read_idx(data, "t10k-labels-idx1-ubyte")
    _write_split(output / "train", images[:-eval_examples], labels[:-eval_examples])
    _write_split(output / "eval", images[-eval_examples:], labels[-eval_examples:])
    _write_split(output / "test", *test)


def accuracy(model: Path, split: Path) -> float:
    """How often the greatest output of a SavedModel's `serving_default` is the right class."""
    predict = tf.saved_model.load(str(model)).signatures["serving_default"]
    right = count = 0
    for batch in tf.data.TFRecordDataset(_records(split)).batch(BATCH):
        [logits] = predict(batch).values()
        spec = {"image_class": tf.io.FixedLenFeature([], tf.int64)}
        labels = tf.io.parse_example(batch, spec)["image_class"].numpy()
        right += int(np.count_nonzero(logits.numpy().argmax(axis=1) == labels))
        count += len(labels)
    return right / count


def _write_split(folder: Path, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    folder.mkdir(parents=True)
    with tf.io.TFRecordWriter(_records(folder)) as writer:
        for image, label in zip(images, labels, strict=True):
            example = tf.train.Example()
            floats = image.ravel() / np.float32(255) - np.float32(0.5)
            example.features.feature["image_floats"].float_list.value.extend(floats)
            example.features.feature["image_class"].int64_list.value.append(label)
            writer.write(example.SerializeToString())


def _records(split: Path) -> str:
    return str(split / "examples.tfrecord")


def main() -> None:
    parser = CommandLine(
        prog="python -m benchmarks.stock_tfx.image_floats", description=__doc__.splitlines()[0]
    )
    commands = parser.add_subparsers(required=True)
    writing = commands.add_parser("write", help="write the examples")
    writing.add_argument("--data", type=Path, required=True, help="folder of the four IDX files")
    writing.add_argument("--output", type=Path, required=True, help="folder for the three splits")
    writing.add_argument("--eval-examples", type=int, required=True, help="held out at the end")
    writing.set_defaults(run=lambda args: write(args.data, args.output, args.eval_examples))
    asking = commands.add_parser("accuracy", help="print a model's accuracy as JSON")
    asking.add_argument("--model", type=Path, required=True, help="SavedModel of the stock wiring")
    asking.add_argument("--split", type=Path, required=True, help="one of the splits")
    asking.set_defaults(run=lambda args: print(json.dumps(accuracy(args.model, args.split))))
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
