"""What a search may try: settings by their keys. Without TensorFlow."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from documents.settings.section import short
from documents.tuning import Dimension
from models.training.options import OptionsError, TrainingOptions

TRAINING = "training."
OWN = "training.options."
_FIXED = ("seed", "checkpoint_steps", "tensorboard", "options", "early_stopping", "strategy")
"""Options that change no model for the better."""
_DIGITS = 3
"""Significant ones of a number that is proposed: what people would write."""


class SpaceError(ValueError):
    """Something cannot be searched; the message is a sentence."""


class Space:
    """The dimensions of a search by key; a user's `search(space)` adds and removes some."""

    def __init__(self, training: TrainingOptions | None = None):
        """Has none; `training` is what the settings say."""
        self._training = training or TrainingOptions()
        self._dimensions: dict[str, Dimension] = {}

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """In the order in which they were added."""
        return tuple(self._dimensions.values())

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the settings that are searched."""
        return tuple(self._dimensions)

    def number(self, key: str, low: float, high: float, *, log: bool = False) -> None:
        """Numbers from `low` to `high`, spread by their ratios where `log`."""
        self._range(key, "number", low, high, log)

    def whole(self, key: str, low: int, high: int, *, log: bool = False) -> None:
        """Whole numbers from `low` to `high`, both included.

        Raises:
          SpaceError: they are none, or there is nothing to choose from.
        """
        if not (_is_whole(low) and _is_whole(high)):
            raise SpaceError(f"{_told(key)} from {low!r} to {high!r}: these are no whole numbers.")
        self._range(key, "whole", low, high, log)

    def choice(self, key: str, values: Sequence[Any]) -> None:
        """One of `values`, which JSON has to know.

        Raises:
          SpaceError: it does not know them, or they are fewer than two.
        """
        try:
            found = json.loads(json.dumps(list(values), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise SpaceError(
                f"{_told(key)} among {short(repr(values))}: choose values that YAML can write."
            ) from error
        if len(found) < 2:
            raise SpaceError(f"{_told(key)} among {short(repr(values))}: name at least two values.")
        self._add(Dimension(key=_checked(key), kind="choice", values=tuple(found)), found)

    def remove(self, key: str) -> None:
        """Leaves a setting as it is; nothing happens where it is not searched anyway."""
        self._dimensions.pop(key, None)

    def clear(self) -> None:
        """Leaves all settings as they are."""
        self._dimensions.clear()

    def _range(self, key: str, kind: Any, low: float, high: float, log: bool) -> None:
        numbers = all(
            isinstance(end, int | float) and not isinstance(end, bool) and math.isfinite(end)
            for end in (low, high)
        )
        if not numbers or low >= high:
            raise SpaceError(f"{_told(key)} from {low!r} to {high!r}: the first must be less.")
        if log and low <= 0:
            raise SpaceError(f"{_told(key)} from {low!r} by ratios: begin with more than 0.")
        ends = [low, high] if kind == "whole" else [float(low), float(high)]
        self._add(
            Dimension(
                key=_checked(key), kind=kind, low=float(low), high=float(high), log=bool(log)
            ),
            ends,
        )

    def _add(self, dimension: Dimension, values: Sequence[Any]) -> None:
        for value in values:
            try:
                changed(self._training, {dimension.key: value})
            except OptionsError as error:
                raise SpaceError(f"{_told(dimension.key)}: {error}") from error
        self._dimensions[dimension.key] = dimension


def changed(training: TrainingOptions, values: Mapping[str, Any]) -> TrainingOptions:
    """The options with other values by dotted key. Raises OptionsError."""
    found = training.model_dump(exclude_unset=True)
    for key, value in values.items():
        if key.startswith(OWN):
            found["options"] = {**found.get("options", {}), key.removeprefix(OWN): value}
        else:
            found[key.removeprefix(TRAINING)] = value
    return TrainingOptions.validated(found)


def current(training: TrainingOptions, dimensions: Sequence[Dimension]) -> dict[str, Any]:
    """What the settings say, by key; None where they say nothing."""
    found: dict[str, Any] = {}
    for dimension in dimensions:
        key = dimension.key
        if key.startswith(OWN):
            found[key] = training.options.get(key.removeprefix(OWN))
        else:
            found[key] = training.model_dump()[key.removeprefix(TRAINING)]
    return found


def value_at(dimension: Dimension, unit: float) -> Any:
    """The value at `unit`, from 0 to 1, of a dimension."""
    unit = min(max(unit, 0.0), 1.0)
    if dimension.values is not None:
        return dimension.values[min(int(unit * len(dimension.values)), len(dimension.values) - 1)]
    low, high = float(dimension.low or 0.0), float(dimension.high or 0.0)
    if dimension.kind == "whole":
        # Each whole number gets as much room as any other.
        low, high = (low, high + 1) if dimension.log else (low - 0.5, high + 0.5)
    if dimension.log:
        value = math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
    else:
        value = low + unit * (high - low)
    if dimension.kind == "whole":
        whole = math.floor(value) if dimension.log else round(value)
        return int(min(max(whole, dimension.low or 0), dimension.high or 0))
    rounded = float(f"{value:.{_DIGITS}g}")
    return min(max(rounded, low), high)


def unit_of(dimension: Dimension, value: Any) -> float:
    """Where a value lies from 0 to 1; the middle for what is not in the dimension."""
    if dimension.values is not None:
        same = [index for index, each in enumerate(dimension.values) if _same(each, value)]
        return (same[0] + 0.5) / len(dimension.values) if same else 0.5
    if not isinstance(value, int | float):
        return 0.5
    low, high = float(dimension.low or 0.0), float(dimension.high or 0.0)
    inside = min(max(float(value), low), high)
    if dimension.log:
        return (math.log(inside) - math.log(low)) / (math.log(high) - math.log(low))
    return (inside - low) / (high - low)


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _told(key: object) -> str:
    return f"search(space) cannot search {short(key)}"


def _checked(key: Any) -> str:
    """The key of a setting that a trial can change."""
    if isinstance(key, str) and key.startswith(OWN) and len(key) > len(OWN):
        return key
    known = [name for name in TrainingOptions.model_fields if name not in _FIXED]
    if not isinstance(key, str) or key.removeprefix(TRAINING) not in known or "." not in key:
        listed = ", ".join(f"{TRAINING}{name}" for name in known)
        raise SpaceError(f"{_told(key)}: choose among {listed}, and {OWN}NAME for values of yours.")
    return key
