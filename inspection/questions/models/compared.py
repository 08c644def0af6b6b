"""Whether one model is as good as another: an optimised variant, or the model before."""

from __future__ import annotations

import dataclasses

from documents.figure import measured
from inspection.answer import Answer
from inspection.evidence.metrics import TOLERANCE, Metric
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Artifact
from inspection.questions.models.evaluations import evaluations


@dataclasses.dataclass(frozen=True)
class MetricPair:
    """A metric of both models on one slice."""

    metric: str
    slice: str
    before: float
    now: float
    worse: float
    """How much worse the second one is; negative when it is better."""


@dataclasses.dataclass(frozen=True)
class ComparisonAnswer(Answer):
    """The second model held against the first."""

    ROWS = "metrics"

    before: int
    now: int
    tolerance: float
    metrics: tuple[MetricPair, ...]
    """The largest loss first."""
    bytes_before: int | None
    bytes_now: int | None

    @property
    def as_good(self) -> bool | None:
        """None when nothing was measured on both."""
        quality = self.quality
        return all(pair.worse <= self.tolerance for pair in quality) if quality else None

    @property
    def quality(self) -> tuple[MetricPair, ...]:
        """Without latencies, which have other units and no say in how right a model is."""
        return tuple(pair for pair in self.metrics if not pair.metric.startswith("latency_"))

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        size = ""
        if self.bytes_before and self.bytes_now:
            size = f", with {self.bytes_now / self.bytes_before:.2f} times the bytes on disk"
        if self.as_good is None:
            return f"No metric was measured on both a{self.before} and a{self.now}{size}."
        worst = self.quality[0]
        change = measured(abs(worst.worse), beside=worst.now)
        moved = f"{'down' if worst.worse > 0 else 'up'} {change}"
        verdict = "is as good as" if self.as_good else "is worse than"
        return (
            f"a{self.now} {verdict} a{self.before}: at the worst, {worst.metric} on {worst.slice} "
            f"is {measured(worst.now)}, {moved} (allowed: {self.tolerance:g}){size}."
        )


def compare_models(
    history: History,
    workspace: Workspace,
    before: Artifact,
    now: Artifact,
    tolerance: float = TOLERANCE,
) -> ComparisonAnswer:
    """Compares what was last measured on each of two models.

    Args:
      history: names the evaluations.
      workspace: holds their files and the models.
      before: the model to compare with.
      now: the other one.
      tolerance: see TOLERANCE.
    """
    measured: dict[int, dict[tuple[str, str], Metric]] = {before.id: {}, now.id: {}}
    for each in evaluations(history, workspace):
        if each.model in measured:
            measured[each.model].update({metric.key: metric for metric in each.metrics})
    old, new = measured[before.id], measured[now.id]
    pairs = [_pair(old[key], new[key]) for key in old if key in new]
    return ComparisonAnswer(
        before.id,
        now.id,
        tolerance,
        tuple(sorted(pairs, key=lambda pair: -pair.worse)),
        workspace.size(before.uri),
        workspace.size(now.uri),
    )


def _pair(before: Metric, now: Metric) -> MetricPair:
    lost = before.value - now.value
    return MetricPair(
        now.metric, now.slice, before.value, now.value, lost if now.higher_is_better else -lost
    )
