"""What each output must be, given the probabilities that the trained model answers.

A rule is a function registered under the name of the output that it holds. Another kind of label
registers its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from documents.questions import Tagging
from documents.tolerance import Tolerance

TIE = 1e-4
"""Probabilities nearer to one another than this are a tie, if the tolerance allows for it."""
_ROUNDED = 2e-6
"""By which a sum of float32 may leave 0 to 1."""
SUM_TOLERANCE = 1e-3
"""Of probabilities that nobody has a reference for."""
_SURE = 9
"""Digits in which any two numbers of float32 differ."""
_SMALL = 0.5
"""Share of itself by which a small probability may be off, as clients take its logarithm."""
_SMALLEST = 0.2
"""Of the absolute tolerance: by which any may be."""


class Wrong(NamedTuple):
    """The first row that breaks a rule."""

    row: int
    what: str


@dataclasses.dataclass(frozen=True)
class Expected:
    """What outputs are held against."""

    probabilities: NDArray[np.float64]
    """[n, k]"""
    labels: Sequence[str] | None
    """k names; None when nobody wrote them down."""
    tolerance: Tolerance
    tagging: Tagging | None = None
    """How tags follow from the probabilities; None where a model answers none."""
    bounded: bool = False
    """Whether they are probabilities, which are from 0 to 1: clients take their logarithm."""
    sums: float | None = None
    """How far from 1 those of a row may add up; None where they need not."""

    def ratio(self, values: NDArray[Any], reference: NDArray[np.float64]) -> NDArray[np.float64]:
        """Difference over tolerance, float64 of their shape; infinite for what is not a number, or
        no probability where one is expected."""
        allowed = self.tolerance.around(reference)
        if self.bounded:
            least = _SMALLEST * self.tolerance.absolute
            allowed = np.minimum(allowed, np.maximum(_SMALL * reference, least))
        # In float64, so that the comparison adds no rounding of its own.
        with np.errstate(invalid="ignore", over="ignore"):
            ratio = np.abs(values.astype(np.float64) - reference) / allowed
        if self.bounded:
            ratio = np.where((values >= -_ROUNDED) & (values <= 1 + _ROUNDED), ratio, np.inf)
        return np.where(np.isfinite(ratio), ratio, np.inf)

    @property
    def best(self) -> NDArray[np.float64]:
        """The probabilities of each row from the greatest down, [n, k]."""
        return -np.sort(-self.probabilities, axis=1)

    def indices(self, names: NDArray[Any]) -> NDArray[np.int64]:
        """The place of each label in the list, int64 of their shape, -1 for what is none; integers
        are places already."""
        if names.dtype != object:
            known = (names >= 0) & (names < self.probabilities.shape[1])
            return np.where(known, names, -1).astype(np.int64)
        places = {label.encode(): place for place, label in enumerate(self.labels or ())}
        flat = [places.get(name, -1) for name in names.ravel().tolist()]
        return np.array(flat, np.int64).reshape(names.shape)


Rule = Callable[[NDArray[Any], Expected], Wrong | None]


def probabilities(values: NDArray[Any], expected: Expected) -> Wrong | None:
    """Every element of [n, k] is the trained model's, and the greatest is the same one but for
    ties."""
    reference = expected.probabilities
    if values.ndim == 1 and reference.shape[1] == 1:
        values = values[:, None]  # A number for each row.
    if wrong := _shape(values, reference.shape):
        return wrong
    ratio = expected.ratio(values, reference)
    if wrong := _first(ratio > 1, values, reference):
        return wrong
    if wrong := _first(~same_best(values, expected)[:, None], values, reference):
        return wrong
    if expected.sums is None:
        return None
    sums = values.sum(axis=1, dtype=np.float64)
    if not (off := np.abs(sums - 1) > expected.sums).any():
        return None
    row = int(off.argmax())
    return Wrong(row, f"{_shown(values[row])}, which add up to {sums[row]:.6f},")


def same_best(values: NDArray[Any], expected: Expected) -> NDArray[np.bool_]:
    """For each row whether the greatest of `values` is one of the reference's greatest, [n]."""
    if not values.size:
        return np.ones(len(values), np.bool_)
    chosen = np.take_along_axis(expected.probabilities, values.argmax(1)[:, None], 1)[:, 0]
    return _tied(chosen, expected.best[:, 0], expected)


def label(values: NDArray[Any], expected: Expected) -> Wrong | None:
    """The name, or the place, of the most probable label, [n]."""
    reference = expected.probabilities
    if wrong := _shape(values, reference.shape[:1]):
        return wrong
    return _names(values[:, None], expected)


def score(values: NDArray[Any], expected: Expected) -> Wrong | None:
    """The greatest probability, [n]."""
    if wrong := _shape(values, expected.probabilities.shape[:1]):
        return wrong
    best = expected.best[:, :1]
    return _first(expected.ratio(values[:, None], best) > 1, values[:, None], best)


def top_labels(values: NDArray[Any], expected: Expected) -> Wrong | None:
    """The names, or the places, of the most probable labels, [n, 1 to k], in order, each once."""
    if wrong := _columns(values, expected):
        return wrong
    return _twice(values, expected) or _names(values, expected)


def top_scores(values: NDArray[Any], expected: Expected) -> Wrong | None:
    """The greatest probabilities, [n, 1 to k], in order."""
    if wrong := _columns(values, expected):
        return wrong
    best = expected.best[:, : values.shape[1]]
    return _first(expected.ratio(values, best) > 1, values, best)


def tags(values: NDArray[Any], expected: Expected) -> Wrong | None:
    """The names of all labels that are likely enough, [n] with a separator, in order; those at the
    threshold may be."""
    tagging, likely = expected.tagging, expected.probabilities
    assert tagging
    if wrong := _shape(values, likely.shape[:1]):
        return wrong
    names = [label.encode() for label in expected.labels or ()]
    separator = tagging.separator.encode()
    allowed = expected.tolerance.around(likely)
    must, may = (likely >= tagging.threshold + sign * allowed for sign in (1, -1))
    for row, text in enumerate(values.tolist()):
        found = text.split(separator) if text else []
        there = set(found)
        answered = np.array([name in there for name in names])
        if (
            [name for name in names if name in there] != found
            or (must[row] & ~answered).any()
            or (answered & ~may[row]).any()
        ):
            wanted = np.array([separator.join(np.array(names)[must[row]].tolist())], object)
            return Wrong(row, f"“{_shown(values[row : row + 1])}” instead of “{_shown(wanted)}”")
    return None


def class_scores(classes: NDArray[Any], scores: NDArray[Any], expected: Expected) -> Wrong | None:
    """Each of the classes [n, any] beside its probability, of the same shape, in any order, each
    once; the most probable one is among them."""
    if classes.dtype != object or classes.shape != scores.shape or classes.ndim != 2:
        return Wrong(0, f"of shape {list(scores.shape)}, and classes {list(classes.shape)}")
    places = expected.indices(classes)
    chosen = np.take_along_axis(expected.probabilities, np.maximum(places, 0), axis=1)
    broken = (places < 0) | (expected.ratio(scores, chosen) > 1)
    if wrong := _first(broken, scores, chosen):
        return wrong
    if wrong := _columns(classes, expected) or _twice(classes, expected):
        return wrong
    left_out = ~_tied(chosen.max(axis=1), expected.best[:, 0], expected)
    if not left_out.any():
        return None
    row = int(left_out.argmax())
    return Wrong(row, f"of {_shown(classes[row])}, and the likeliest class is left out")


def classes_alone(classes: NDArray[Any], expected: Expected) -> Wrong | None:
    """The best classes [n, 1 to k] in order, each once; or all of them in the order of the
    labels."""
    if classes.dtype != object:
        return Wrong(0, f"{classes.dtype} instead of names")
    labels = [label.encode() for label in expected.labels or ()]
    if classes.ndim == 2 and all(row == labels for row in classes.tolist()):
        return None
    return top_labels(classes, expected)


RULES: Mapping[str, Rule] = {
    "label": label,
    "score": score,
    "tags": tags,
    "top_labels": top_labels,
    "top_scores": top_scores,
}
"""By name of the output; that of the probabilities themselves stands in the options."""

NAMED = ("label", "tags", "top_labels")
"""Outputs that need the list of labels, where they are strings."""


def distribution(values: NDArray[Any]) -> Wrong | None:
    """Probabilities that nothing is known about are from 0 to 1 and add up to 1, [n, k]."""
    with np.errstate(invalid="ignore"):
        outside = ~((values >= -SUM_TOLERANCE) & (values <= 1 + SUM_TOLERANCE)).all(axis=1)
        off = np.abs(values.astype(np.float64).sum(axis=1) - 1) > SUM_TOLERANCE
    broken = outside | off
    if not broken.any():
        return None
    row = int(broken.argmax())
    return Wrong(row, f"{_shown(values[row])}, which are no probabilities")


def finite(values: NDArray[Any]) -> Wrong | None:
    """No NaN and no infinity in an output [n, ...] of any type."""
    if values.dtype.kind not in "fc":
        return None
    broken = ~np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
    if not broken.any():
        return None
    return Wrong(int(broken.argmax()), "what is not a number, or infinite")


def _twice(names: NDArray[Any], expected: Expected) -> Wrong | None:
    """No label of a row stands in it again, [n, any]."""
    found = np.sort(expected.indices(names), axis=1)
    twice = (found[:, 1:] == found[:, :-1]).any(axis=1)
    if not twice.any():
        return None
    row = int(twice.argmax())
    return Wrong(row, f"{_shown(names[row])}, a label twice")


def _names(values: NDArray[Any], expected: Expected) -> Wrong | None:
    """Each name's probability is that of its rank, but for ties."""
    indices = expected.indices(values)
    best = expected.best[:, : values.shape[1]]
    chosen = np.take_along_axis(expected.probabilities, np.maximum(indices, 0), axis=1)
    broken = (indices < 0) | ~_tied(chosen, best, expected)
    if not broken.any():
        return None
    row = int(broken.any(axis=1).argmax())
    order = np.argsort(-expected.probabilities[row], kind="stable")[: values.shape[1]]
    wanted: list[Any] = order.tolist()
    if values.dtype == object and expected.labels:
        wanted = [expected.labels[place] for place in wanted]
    return Wrong(row, f"{_shown(values[row])} instead of {_shown(np.array(wanted, object))}")


def _tied(
    chosen: NDArray[np.float64], best: NDArray[np.float64], expected: Expected
) -> NDArray[np.bool_]:
    """Two that are as good as equal may change places, however loose the tolerance is."""
    tied: NDArray[np.bool_] = np.abs(chosen - best) <= np.minimum(
        2 * expected.tolerance.around(best), TIE
    )
    return tied


def _columns(values: NDArray[Any], expected: Expected) -> Wrong | None:
    rows, labels = expected.probabilities.shape
    if values.ndim != 2 or len(values) != rows or not 1 <= values.shape[1] <= labels:
        return Wrong(0, f"shape {list(values.shape)} instead of [{rows}, 1 to {labels}]")
    return None


def _shape(values: NDArray[Any], wanted: tuple[int, ...]) -> Wrong | None:
    if values.shape == wanted:
        return None
    return Wrong(0, f"shape {list(values.shape)} instead of {list(wanted)}")


def _first(
    broken: NDArray[np.bool_], values: NDArray[Any], reference: NDArray[np.float64]
) -> Wrong | None:
    rows = broken.any(axis=1)
    if not rows.any():
        return None
    row = int(rows.argmax())
    found, wanted = values[row], reference[row]
    shown = _shown(found), _shown(wanted)
    if shown[0] == shown[1]:
        which = np.broadcast_to(broken[row], found.shape)
        shown = _shown(found[which], digits=_SURE), _shown(wanted[which], digits=_SURE)
    return Wrong(row, f"{shown[0]} instead of {shown[1]}")


def _shown(row: NDArray[Any], most: int = 4, digits: int = 4) -> str:
    """A row of an answer for a sentence."""
    items = [
        value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else f"{value:.{digits}g}"
        if isinstance(value, float)
        else str(value)
        for value in row[:most].tolist()
    ]
    text = ", ".join(item[:40] for item in items)
    return f"{text}, …" if len(row) > most else text
