"""`verdict.json` of the Evaluator."""

from __future__ import annotations

from documents.document import Part, Text
from documents.verdict import Verdict


class MetricRow(Part):
    """One metric on one slice, held against its limits; absent where there is none."""

    metric: str
    slice: str
    """`overall`, or `feature=value`."""
    value: float | None
    """In the metric's own unit; None where it is not a number."""
    baseline_value: float | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    max_drop: float | None = None
    higher_is_better: bool = True
    margin: float | None = None
    """Distance to the nearest limit; negative when one does not hold."""
    ok: bool | None = None
    constant_value: float | None = None
    """What always giving the `constant` of the verdict as answer is worth."""
    must_beat_constant: bool = False
    examples: int | None = None
    """How many the slice has, where that was counted."""
    gated: bool = True
    """Whether its limits count: not so on a slice of few examples."""


class EvaluatorVerdict(Verdict):
    """Whether a candidate is good enough, metric by metric and slice by slice."""

    metrics: tuple[MetricRow, ...] = ()
    constant: Text | None = None
    """The answer of who always gives the same: the most frequent class, or the mean."""
