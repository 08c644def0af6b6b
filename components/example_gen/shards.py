"""Which examples go into which split and shard."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

TRAIN, EVAL = "train", "eval"


@dataclasses.dataclass(frozen=True)
class Shard:
    """One TFRecord file: examples [start, stop) of an input split."""

    split: str
    source: str
    """Name of the input split."""
    start: int
    stop: int
    index: int
    count: int
    """Shards in this split."""

    @property
    def file_name(self) -> str:
        """See shard_name."""
        return shard_name(self.index, self.count)


def shard_name(index: int, count: int) -> str:
    """The name TFX's own ExampleGen gives, but for `.gz`: readers tell compression by it."""
    return f"data_tfrecord-{index:05d}-of-{count:05d}"


def plan_shards(examples: Mapping[str, int], *, eval_examples: int, shards: int) -> list[Shard]:
    """Splits every input split into shards; the last examples of input split train become eval.

    Args:
      examples: number of examples per input split, `train` among them.
      eval_examples: size of split eval; less than there are in train.
      shards: shards of split train; the others get as many of that size as they fill.
    """
    rest = examples[TRAIN] - eval_examples
    ranges = [(TRAIN, TRAIN, 0, rest), (EVAL, TRAIN, rest, examples[TRAIN])]
    ranges += [(name, name, 0, count) for name, count in examples.items() if name != TRAIN]
    plan = []
    for split, source, start, stop in ranges:
        size = stop - start
        count = min(size, math.ceil(size * shards / rest))
        cuts = [start + size * index // count for index in range(count + 1)]
        plan += [
            Shard(split, source, cuts[index], cuts[index + 1], index, count)
            for index in range(count)
        ]
    return plan
