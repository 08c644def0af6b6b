"""What a model decides by its answers, and by how much: a tag, the likeliest class, whether a
number is above a level. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from documents.questions import Tagging

Floats = NDArray[np.float32]

_SPREADS = 100.0
"""In which margins of numbers count, so that a row that is said to be above a level is so by more
than numbers of that size are rounded."""


class Decisions(Protocol):
    """All of one label."""

    def margins(self, answers: Floats) -> Floats:
        """By how much each decision is for it, [rows, decisions] from [rows, k]; against it below
        0."""

    def called(self, decision: int, is_for: bool) -> str:
        """What a row is called that is next to where a decision falls."""


@dataclasses.dataclass(frozen=True)
class OfTags:
    """Each tag is answered from the threshold on."""

    names: Sequence[str]
    threshold: float

    def margins(self, answers: Floats) -> Floats:
        """See Decisions."""
        return np.asarray(answers - np.float32(self.threshold), np.float32)

    def called(self, decision: int, is_for: bool) -> str:
        """See Decisions."""
        return _just(self.names[decision], is_for)


@dataclasses.dataclass(frozen=True)
class OfClasses:
    """The likeliest class is answered; of two there is one decision, for the second."""

    names: Sequence[str]

    def margins(self, answers: Floats) -> Floats:
        """See Decisions."""
        if answers.shape[1] < 2:
            return np.zeros((len(answers), 0), np.float32)
        ordered = np.sort(answers, axis=1)
        best, second = ordered[:, -1:], ordered[:, -2:-1]
        margins = answers - np.where(answers == best, second, best)
        return np.asarray(margins[:, 1:] if margins.shape[1] == 2 else margins, np.float32)

    def called(self, decision: int, is_for: bool) -> str:
        """See Decisions."""
        return _just(self.names[-1] if len(self.names) == 2 else self.names[decision], is_for)


@dataclasses.dataclass(frozen=True)
class OfNumbers:
    """A number decides nothing, but a model may never answer one below 0, or beyond those of the
    data, where the trained one does."""

    levels: Sequence[float]
    spread: float
    """Of the answers."""

    @classmethod
    def beyond(cls, answers: Floats) -> OfNumbers:
        """With 0 and levels as far beyond the answers to rows of the data, [rows, 1], as these lie
        apart."""
        found = answers[np.isfinite(answers)].astype(np.float64)
        low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 0.0)
        spread = high - low or 1.0
        return cls(tuple(dict.fromkeys((0.0, low - spread, high + spread))), spread)

    def margins(self, answers: Floats) -> Floats:
        """See Decisions."""
        numbers = answers[:, :1].astype(np.float64)
        return np.asarray((numbers - self.levels) / (_SPREADS * self.spread), np.float32)

    def called(self, decision: int, is_for: bool) -> str:
        """See Decisions."""
        return f"{'above' if is_for else 'below'} {self.levels[decision]:g}"


def decisions_of(
    names: Sequence[str] | None, tagging: Tagging | None, answers: Floats
) -> Decisions:
    """Those of a label.

    Args:
      names: of its tags or classes; None of a number.
      tagging: how tags follow; None where the label has none.
      answers: of the trained network to rows of the data, [rows, k].
    """
    if names is None:
        return OfNumbers.beyond(answers)
    return OfTags(names, tagging.threshold) if tagging else OfClasses(names)


def _just(name: str, is_for: bool) -> str:
    return f"just {name}" if is_for else f"just not {name}"
