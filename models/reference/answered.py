"""Which questions have an answer that can be held against a served model."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Input = TypeVar("Input")
Answers = Callable[[Sequence[Input]], Sequence[Any]]
"""Predictions [n, k] of n inputs."""

ABSOLUTE, RELATIVE = 2e-6, 2e-5
"""How far two answers to one question may be apart: a fifth of what a served model is allowed."""


_FEW = 5
"""Inputs in other company."""
Answer = NDArray[np.float32] | None
Companies = MutableMapping[tuple[Input, ...], list[Answer]]
"""What was said of FEW inputs together, by those inputs."""


def answered(
    inputs: Sequence[Input], answers: Answers[Input], companies: Companies[Input] | None = None
) -> list[tuple[float, ...] | None]:
    """What the trained network says of inputs that were made up; None where that is nothing.

    It is nothing where the network refuses, where a number is not finite, and where the answer in
    other company is another one: a network may be anything far from its data, and then rounding
    decides.

    Args:
      companies: of calls before, where the same network may have been asked about the same inputs;
        those of this one are added.
    """
    found = _asked(inputs, answers)
    companies = {} if companies is None else companies
    # Small batches go through other kernels, which round otherwise.
    again: list[Answer] = []
    for start in range(0, len(inputs), _FEW):
        few = tuple(inputs[start : start + _FEW])
        if few not in companies:
            companies[few] = _asked(few[::-1], answers)[::-1]
        again += companies[few]
    return [
        tuple(one.tolist()) if one is not None and other is not None and _same(one, other) else None
        for one, other in zip(found, again, strict=True)
    ]


def is_refused(one: Input, answers: Answers[Input]) -> bool:
    """Whether the network does not answer."""
    [answer] = _asked([one], answers)
    return answer is None


def _asked(inputs: Sequence[Input], answers: Answers[Input]) -> list[Answer]:
    """Where one spoils the batch, the others are asked alone."""
    try:
        return [*np.asarray(answers(inputs), np.float32)] if inputs else []
    except (tf.errors.OpError, UnicodeDecodeError):
        # What it says of bytes that are no text, Python may not be able to read.
        if len(inputs) == 1:
            return [None]
    middle = len(inputs) // 2
    return _asked(inputs[:middle], answers) + _asked(inputs[middle:], answers)


def _same(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    return bool(np.isfinite(one).all() and np.allclose(one, other, rtol=RELATIVE, atol=ABSOLUTE))
