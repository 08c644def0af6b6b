"""How long to train on how many examples: few need more rounds and smaller batches. Pure."""

from __future__ import annotations

IMAGE_STEPS, TABLE_STEPS = 600, 1_500
"""After which little more was learned of a few thousand images, or rows."""
_TRAIN = 0.8
"""Of the examples, in a drafted split."""
_PARTS = 20
"""Batches of an epoch, at least, where examples are few."""
_SMALLEST, _LARGEST = 16, 128
_FEWEST, _MOST = 5, 60
"""Epochs."""


def training(examples: int, steps: int) -> dict[str, int]:
    """Settings for about `steps` steps, in 5 to 60 epochs of batches of 16 to 128."""
    train = int(_TRAIN * examples)
    size = _SMALLEST
    while size < _LARGEST and 2 * size * _PARTS <= train:
        size *= 2
    rounds = -(-steps // max(1, train // size))
    return {"epochs": min(_MOST, max(_FEWEST, rounds)), "batch_size": min(size, max(1, train // 2))}
