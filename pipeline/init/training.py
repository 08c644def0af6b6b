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


_EVALUATED = 300
"""Examples of which a tenth tells one epoch from another."""
_LEARNED_BY_HEART = 20
"""Epochs in which that happens."""


def stopping(examples: int, epochs: int) -> dict[str, dict[str, int]]:
    """Settings that take the weights of the best epoch, where a table is seen so often that it may
    be learned by heart; what still gets better late has half of the epochs to do so."""
    if examples < _EVALUATED or epochs < _LEARNED_BY_HEART:
        return {}
    return {"early_stopping": {"patience": epochs // 2}}


def training(examples: int, steps: int) -> dict[str, int]:
    """Settings for about `steps` steps, in 5 to 60 epochs of batches of 16 to 128."""
    train = int(_TRAIN * examples)
    size = _SMALLEST
    while size < _LARGEST and 2 * size * _PARTS <= train:
        size *= 2
    rounds = -(-steps // max(1, train // size))
    return {"epochs": min(_MOST, max(_FEWEST, rounds)), "batch_size": min(size, max(1, train // 2))}
