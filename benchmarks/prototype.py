"""The plain prototype: one file from the four IDX files to a SavedModel that TF Serving can load.

It is what one would write before there is a pipeline, and tuned: all data in memory, a compiled
step without AutoGraph, an export of just what is served. It imports nothing of this project, so
that it costs what such a script costs; network, recipe and data are those of the pipeline.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from pathlib import Path

from numpy.typing import NDArray

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

CLASSES = 10
MAX_SHIFT = 1


def read_idx(folder: Path, name: str) -> NDArray[np.uint8]:
    """Images as uint8 [N, 28, 28], labels as uint8 [N]; plain or gzipped."""
    packed = folder / f"{name}.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else None
    content = content or (folder / name).read_bytes()
    dimensions = content[3]
    offset = 4 + 4 * dimensions
    return np.frombuffer(content, np.uint8, offset=offset).reshape(
        np.frombuffer(content[4:offset], ">u4").astype(int)
    )


def scaled(images: tf.Tensor) -> tf.Tensor:
    """uint8 [N, 28, 28] to float32 [N, 28, 28, 1] in [0, 1]."""
    return tf.cast(images[..., tf.newaxis], tf.float32) * (1 / 255)


def augmented(images: tf.Tensor) -> tf.Tensor:
    """Mirrors half of the images and shifts each by up to MAX_SHIFT pixels."""
    count, size = tf.shape(images)[0], images.shape[1]
    shifts = tf.random.uniform([2, count, 1], -MAX_SHIFT, MAX_SHIFT + 1, tf.int32)
    rows, columns = tf.unstack(tf.range(size) + shifts + MAX_SHIFT)
    mirrored = tf.random.uniform([count, 1]) < 0.5
    columns = tf.where(mirrored, tf.reverse(columns, [1]), columns)
    padded = tf.pad(images, [[0, 0], [MAX_SHIFT, MAX_SHIFT], [MAX_SHIFT, MAX_SHIFT], [0, 0]])
    return tf.gather(tf.gather(padded, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)


class OneCycle(tf_keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up to the peak, then linearly to zero."""

    def __init__(self, peak: float, steps: int, warmup: int):
        super().__init__()
        self.peak, self.steps, self.warmup = peak, steps, warmup

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        step = tf.cast(step, tf.float32)
        rising = (step + 1) / self.warmup
        falling = (self.steps - step) / max(1, self.steps - self.warmup)
        return self.peak * tf.minimum(rising, falling)


def train(
    encoder: hub.KerasLayer,
    head: tf_keras.layers.Dense,
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    args: argparse.Namespace,
) -> int:
    """Trains both in place; returns the number of steps."""
    steps_per_epoch = len(images) // args.batch_size
    steps: int = steps_per_epoch * args.epochs
    warmup = max(1, round(steps * args.warmup_fraction))
    optimizer = tf_keras.optimizers.AdamW(
        OneCycle(args.learning_rate, steps, warmup), weight_decay=args.weight_decay
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    variables = [*encoder.trainable_variables, *head.trainable_variables]
    optimizer.build(variables)

    @tf.function(autograph=False)
    def step(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        inputs = scaled(images)
        inputs = augmented(inputs) if args.augment else inputs
        smoothing = args.label_smoothing
        targets = tf.one_hot(labels, CLASSES) * (1 - smoothing) + smoothing / CLASSES
        with tf.GradientTape() as tape:
            logits = head(encoder(inputs, training=True))
            entropy = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
            loss = tf.add_n([tf.reduce_mean(entropy), *encoder.losses])
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    random = np.random.default_rng(args.seed)
    for epoch in range(args.epochs):
        order = random.permutation(len(images))
        for start in range(0, steps_per_epoch * args.batch_size, args.batch_size):
            batch = order[start : start + args.batch_size]
            loss = step(images[batch], labels[batch])
        print(f"epoch {epoch + 1}/{args.epochs}, loss {float(loss):.3f}", file=sys.stderr)
    return steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the four IDX files")
    parser.add_argument("--module", required=True, help="TensorFlow Hub module, a folder or handle")
    parser.add_argument("--output", type=Path, required=True, help="folder for the SavedModel")
    parser.add_argument("--trainable", type=int, default=1, help="fine-tune the module: 1 or 0")
    parser.add_argument("--eval-examples", type=int, default=5_000, help="held out at the end")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    parser.add_argument("--weight-decay", type=float, default=1e-2)
    parser.add_argument("--warmup-fraction", type=float, default=0.2)
    parser.add_argument("--label-smoothing", type=float, default=0.1)
    parser.add_argument("--augment", type=int, default=1, help="1 or 0")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    tf.random.set_seed(args.seed)

    images = read_idx(args.data, "train-images-idx3-ubyte")[: -args.eval_examples]
    labels = read_idx(args.data, "train-labels-idx1-ubyte")[: -args.eval_examples]
    encoder = hub.KerasLayer(args.module, trainable=bool(args.trainable))
    head = tf_keras.layers.Dense(CLASSES)
    head.build([None, *encoder.resolved_object.__call__.concrete_functions[0].output_shapes[1:]])
    steps = train(encoder, head, images, labels, args)

    @tf.function(
        input_signature=[tf.TensorSpec([None, *images.shape[1:]], tf.uint8, "images")],
        autograph=False,
    )
    def predict(images: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": tf.nn.softmax(head(encoder(scaled(images), training=False)))}

    test_images = read_idx(args.data, "t10k-images-idx3-ubyte")
    test_labels = read_idx(args.data, "t10k-labels-idx1-ubyte")
    batches = [test_images[start : start + 500] for start in range(0, len(test_images), 500)]
    answers = np.concatenate([predict(batch)["probabilities"].numpy() for batch in batches])
    accuracy = float(np.mean(answers.argmax(axis=1) == test_labels))

    # A plain module rather than the Keras layers, which would trace what nobody calls.
    model = tf.Module()
    model.encoder = encoder.resolved_object
    model.weights = list(head.variables)
    tf.saved_model.save(model, str(args.output), signatures={"serving_default": predict})
    print(json.dumps({"accuracy": accuracy, "steps": steps}))


if __name__ == "__main__":
    main()
