"""Streams examples from TFRecord shards: no more than a shuffle buffer is held in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

# A tenth of a large shard mixes classes well and takes 8 MB of serialized examples.
SHUFFLE_BUFFER = 10_000
# Rows of a table often stand in the order of time, or of their label, which a window of a few
# thousand does not undo: flights of a year learned .05 less that way. They are small, so that what
# TensorFlow takes for each that it holds counts too.
_ROWS_BYTES = 128_000_000
_HELD_BYTES = 200
# Shards read at once. More mix better, but each holds an open file.
OPEN_SHARDS = 16

# Examples that are predicted at once, and their pixels: what a large network holds of each is a
# hundred times that.
_EVALUATED = 500
_PIXELS = 4_000_000

Parse = Callable[[tf.Tensor], tuple[Any, tf.Tensor]]
"""string [N] of serialized examples to (inputs of the network, labels)."""


@dataclass(frozen=True)
class Examples:
    """What a training reads."""

    train: Sequence[str]
    """Shards."""
    eval: Sequence[str]
    parse: Parse
    specs: Mapping[str, tf.TypeSpec]
    """Of the inputs that `parse` gives, by name."""


class InputsError(ValueError):
    """The examples are missing or too few."""


def find_shards(patterns: Sequence[str]) -> list[str]:
    """The files that match, sorted. Raises InputsError when there is none."""
    shards = sorted(path for pattern in patterns for path in tf.io.gfile.glob(pattern))
    if not shards:
        raise InputsError(f"No examples match {', '.join(patterns)}: run ExampleGen again.")
    return shards


def count_examples(shards: Sequence[str]) -> int:
    """How many examples the shards hold; reads them once (0.15 CPU seconds for 55,000 images)."""
    batches = _read(shards).batch(4096)
    return int(batches.reduce(0, lambda count, batch: count + tf.size(batch)))


def training_batches(
    shards: Sequence[str],
    parse: Parse,
    *,
    epochs: int,
    batch_size: int,
    steps_per_epoch: int,
    seed: int,
    first_step: int = 0,
    part: tuple[int, int] = (0, 1),
) -> tf.data.Dataset:
    """Full batches of `epochs` epochs, each in an order of its own, from `first_step` on.

    The order depends on `seed` and the epoch only, so that a training that goes on at `first_step`
    sees what the uninterrupted one would have seen.

    Args:
      part: which of how many equal parts of each batch is parsed; the processes that train together
        have all of it between them.
    """
    first_epoch, skipped = divmod(first_step, steps_per_epoch)
    mixed = mixed_at_once(shards, parse)

    def epoch_batches(epoch: tf.Tensor) -> tf.data.Dataset:
        # Seeds of neighbouring trainings must not meet: seed 0, epoch 1 is not seed 1, epoch 0.
        order = seed * 1_000_003 + epoch + 1
        names = tf.data.Dataset.from_tensor_slices(list(shards))
        batches = (
            names.shuffle(len(shards), seed=order, reshuffle_each_iteration=False)
            .interleave(_records, cycle_length=min(len(shards), OPEN_SHARDS), block_length=16)
            .shuffle(mixed, seed=order, reshuffle_each_iteration=False)
            .batch(batch_size, drop_remainder=True)
            .take(steps_per_epoch)
        )
        return batches.skip(tf.where(epoch == first_epoch, tf.cast(skipped, tf.int64), 0))

    batches = tf.data.Dataset.range(first_epoch, epochs).flat_map(_plain(epoch_batches))
    place, count = part
    if count > 1:
        size = batch_size // count
        batches = batches.map(_plain(lambda whole: whole[place * size :][:size]))
    return batches.map(_plain(parse), num_parallel_calls=1, deterministic=True).prefetch(2)


def mixed_at_once(shards: Sequence[str], parse: Parse) -> int:
    """How many examples are held to be mixed: more of rows than of images."""
    for record in first_records(shards, 1):
        features, _ = parse(tf.constant([record]))
        if all(len(tensor.shape) < 4 for tensor in tf.nest.flatten(features)):
            return max(SHUFFLE_BUFFER, _ROWS_BYTES // (len(record) + _HELD_BYTES))
    return SHUFFLE_BUFFER


def evaluated_at_once(specs: Mapping[str, tf.TypeSpec]) -> int:
    """How many examples fit into a batch of evaluation_batches: fewer of large images.

    Args:
      specs: of the inputs of the network; an image is [N, height, width, channels].
    """
    shapes = [each.shape.as_list() for each in specs.values() if isinstance(each, tf.TensorSpec)]
    pixels = sum((shape[1] or 1) * (shape[2] or 1) for shape in shapes if len(shape) == 4)
    return max(1, min(_EVALUATED, _PIXELS // max(1, pixels)))


def evaluation_batches(
    shards: Sequence[str], parse: Parse, *, batch_size: int = _EVALUATED, limit: int = -1
) -> tf.data.Dataset:
    """All examples, or the first `limit`, in the order of the shards."""
    return _read(shards).take(limit).batch(batch_size).map(_plain(parse)).prefetch(1)


def spread_batches(
    shards: Sequence[str], parse: Parse, most: int, *, batch_size: int = 500
) -> tf.data.Dataset:
    """At most `most` examples, spread evenly over all."""
    every = -(-count_examples(shards) // most) or 1
    return _read(shards).shard(every, 0).batch(batch_size).map(_plain(parse))


def labels(shards: Sequence[str], parse: Parse) -> Iterator[NDArray[Any]]:
    """The labels of all examples, in batches: int64 [n] of classes, float32 [n] or [n, tags]."""
    for _, found in evaluation_batches(shards, parse):
        yield found.numpy()


def first_records(shards: Sequence[str], count: int) -> list[bytes]:
    """The first `count` serialized examples, in the order of evaluation_batches."""
    return list(_read(shards).take(count).as_numpy_iterator())


def records_at(shards: Sequence[str], places: Collection[int]) -> dict[int, bytes]:
    """Serialized examples by their places in the order of evaluation_batches."""
    last, size = max(places, default=-1) + 1, 500
    found: dict[int, bytes] = {}
    for number, batch in enumerate(_read(shards).take(last).batch(size)):
        inside = [place for place in places if place // size == number]
        found |= {place: batch[place % size].numpy() for place in inside}
    return found


def _read(shards: Sequence[str]) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(list(shards)).flat_map(_plain(_records))


def _records(shard: tf.Tensor) -> tf.data.Dataset:
    # TFX's own ExampleGens compress and end the names in .gz, ours does not.
    compressed = tf.strings.regex_full_match(shard, r".*\.gz")
    return tf.data.TFRecordDataset(shard, compression_type=tf.where(compressed, "GZIP", ""))


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keeps AutoGraph away: there is nothing to convert, and it takes CPU seconds to find out."""
    found: Callable[..., Any] = tf.autograph.experimental.do_not_convert(function)
    return found
