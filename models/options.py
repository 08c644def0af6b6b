"""How the network is trained: the part of the Trainer's custom_config that is named `training`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class OptionsError(ValueError):
    """A training option is unknown, missing its type, or out of range."""


@dataclass(frozen=True)
class TrainingOptions:
    """Options of one training; what configs/*.yaml may say under `training`."""

    epochs: int = 5
    batch_size: int = 128
    learning_rate: float = 1e-2
    """Peak of the one-cycle schedule."""
    weight_decay: float = 1e-2
    warmup_fraction: float = 0.2
    """Part of all steps in which the learning rate rises."""
    label_smoothing: float = 0.1
    augment: bool = True
    """Mirrors half of the images and shifts each by up to a pixel."""
    seed: int = 0
    checkpoint_steps: int | None = None
    """Steps between two checkpoints; None means once an epoch."""

    @classmethod
    def validated(cls, values: Mapping[str, Any]) -> TrainingOptions:
        """The options in `values`; what is not there keeps its default. Raises OptionsError."""
        known = [field.name for field in dataclasses.fields(cls)]
        for key, value in values.items():
            if key not in known:
                raise OptionsError(f"Unknown key `training.{key}`: use one of {', '.join(known)}.")
            wanted, fits = _RANGES[key]
            if not fits(value):
                raise OptionsError(f"Setting `training.{key}` = {value!r}: it must be {wanted}.")
        return cls(**values)


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value >= least


def _number(fits: Callable[[float], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) in (int, float) and fits(value)


_RANGES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "epochs": ("a whole number from 1 up", _whole(1)),
    "batch_size": ("a whole number from 1 up", _whole(1)),
    "learning_rate": ("a number above 0", _number(lambda value: 0 < value < float("inf"))),
    "weight_decay": ("a number from 0 up", _number(lambda value: 0 <= value < float("inf"))),
    "warmup_fraction": ("a number from 0 to below 1", _number(lambda value: 0 <= value < 1)),
    "label_smoothing": ("a number from 0 to below 1", _number(lambda value: 0 <= value < 1)),
    "augment": ("true or false", lambda value: type(value) is bool),
    "seed": ("a whole number from 0 up", _whole(0)),
    "checkpoint_steps": (
        "a whole number from 1 up, or null",
        lambda value: value is None or _whole(1)(value),
    ),
}
