"""Which questions have an answer that can be held against a served model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def answered(inputs: Sequence[Input], answers: Answers[Input]) -> list[tuple[float, ...] | None]:
    """What the trained network says of inputs that were made up; None where that is nothing.

    It is nothing where the network refuses, where a number is not finite, and where the answer in
    other company is another one: a network may be anything far from its data, and then rounding
    decides.
    """
    found = _asked(inputs, answers)
    # Small batches go through other kernels, which round otherwise.
    starts = range(0, len(inputs), _FEW)
    again = [
        one for start in starts for one in _asked(inputs[start : start + _FEW][::-1], answers)[::-1]
    ]
    return [
        tuple(one.tolist()) if one is not None and other is not None and _same(one, other) else None
        for one, other in zip(found, again, strict=True)
    ]


def is_refused(one: Input, answers: Answers[Input]) -> bool:
    """Whether the network does not answer."""
    return _asked([one], answers) == [None]


def _asked(inputs: Sequence[Input], answers: Answers[Input]) -> list[NDArray[np.float32] | None]:
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
