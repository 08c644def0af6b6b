"""`tuning.json`: which settings a search tried, and what came of them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import pydantic

from documents.document import Count, Document, Part, Text

DONE, STOPPED, FAILED = "done", "stopped", "failed"


class Dimension(Part):
    """One setting, and the values that a search may give it."""

    key: Text
    """Dotted, as `--set` takes it."""
    kind: Literal["number", "whole", "choice"]
    low: float | None = None
    high: float | None = None
    log: bool = False
    """Whether values are spread by their ratios rather than by their differences."""
    values: tuple[Any, ...] | None = None
    """Of a choice."""


class Trial(Part):
    """One training with settings of its own."""

    number: Count
    """From 0, which has the settings as they are."""
    values: dict[str, Any]
    """By key of the dimension."""
    state: Literal["done", "stopped", "failed"]
    """`stopped` was so much worse than others that it was not trained to its end."""
    value: float | None = None
    """Of the metric on the eval split, at the end."""
    history: tuple[float, ...] = ()
    """The same after each epoch."""
    seconds: float = 0.0
    reason: Text | None = None
    """Why it failed."""


class Repeat(Part):
    """One training with the settings of a trial, and a seed that no trial had."""

    number: Count
    """Of the trial."""
    seed: Count
    value: float | None
    """None where it failed."""
    seconds: float = 0.0


class Confirmation(Part):
    """The best trial against the settings as they are, by seeds that decided nothing before."""

    seeds: tuple[int, ...]
    default: tuple[float, ...]
    best: tuple[float, ...]
    gain: float
    """By how much the mean is better, in the metric's own unit; negative where it is worse."""
    noise: float
    """By how much seeds alone move the metric: the standard deviation, pooled."""
    better: bool


class Tuning(Document):
    """Lies in the artifact `tuner_results` of the Tuner."""

    FILE: ClassVar[str] = "tuning.json"
    PAGE: ClassVar[str] = "tuning.html"
    MEND: ClassVar[str] = "run tune again with --no-cache to write it anew"

    metric: str
    """Which decides, on all examples of the eval split."""
    higher_is_better: bool
    examples: Count
    """Of the eval split."""
    dimensions: tuple[Dimension, ...]
    trials: tuple[Trial, ...]
    repeats: tuple[Repeat, ...] = ()
    best: Count | None = None
    """Number of the best trial."""
    confirmation: Confirmation | None = None
    """None where nothing beat the settings as they are, or there was no time for it."""
    proposal: dict[str, Any] = pydantic.Field(default_factory=dict)
    """Settings to change, by dotted key; empty where nothing better was found."""
    ended: Literal["trials", "time", "space"] = "trials"
    """What there was no more of."""
    seconds: float = 0.0
    """Of all trainings, those before a resumption included."""
    headline: Text
    """What was found, one sentence."""
