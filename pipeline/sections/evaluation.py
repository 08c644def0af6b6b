"""What decides whether a candidate is blessed: metrics, and their thresholds on slices."""

from __future__ import annotations

import pydantic

from components.evaluator import metric_kinds
from documents.settings.section import Section
from documents.settings.twice import twice


class Limits(Section):
    """What a metric must hold on one kind of slice."""

    min: float | None = None
    """Value threshold: the least value that is blessed."""
    max: float | None = None
    """Value threshold: the greatest value that is blessed."""
    max_drop: float | None = pydantic.Field(None, ge=0)
    """Change threshold: how much worse than the baseline a candidate may be, absolute."""


class MetricSettings(Section):
    """One TensorFlow Model Analysis metric and its thresholds."""

    metric: str
    """Class name of a tf_keras or TFMA metric, e.g. SparseCategoricalAccuracy."""
    higher_is_better: bool | None = None
    """None: as is known of the metric, or as a `min` or `max` alone tells."""
    overall: Limits = Limits()
    per_slice: dict[str, Limits] = {}
    """Limits for every slice of a feature, by feature name."""

    @property
    def limits(self) -> dict[str, Limits]:
        """All limits by the key under which they stand."""
        return {
            "overall": self.overall,
            **{f"per_slice.{feature}": limit for feature, limit in self.per_slice.items()},
        }

    @property
    def higher_wins(self) -> bool:
        """Whether a higher value is better."""
        if self.higher_is_better is not None:
            return self.higher_is_better
        return self._known_direction is not False

    @property
    def _known_direction(self) -> bool | None:
        """As is known of the metric, or as the limits tell."""
        limits = self.limits.values()
        return metric_kinds.higher_is_better(
            self.metric,
            has_least=any(limit.min is not None for limit in limits),
            has_greatest=any(limit.max is not None for limit in limits),
        )

    @pydantic.model_validator(mode="after")
    def _limits_can_hold(self) -> MetricSettings:
        for key, limit in self.limits.items():
            found = metric_kinds.problems(self.metric, limit.min, limit.max, limit.max_drop)
            for problem in found:
                raise ValueError(f"{key}: {problem}")
        kind = metric_kinds.KINDS.get(self.metric)
        if kind and self.higher_is_better not in (None, kind.higher_is_better):
            raise ValueError(
                f"higher_is_better = {str(self.higher_is_better).lower()} is wrong for"
                f" {self.metric}; leave it out"
            )
        if self.higher_is_better is None and self._known_direction is None:
            for key, limit in self.limits.items():
                if limit.max_drop is not None:
                    raise ValueError(
                        f"{key}: max_drop = {limit.max_drop:g} needs to know which values of"
                        f" {self.metric} are better; set higher_is_better to true or false"
                    )
        return self


class EvaluationSettings(Section):
    """What decides whether a candidate is blessed."""

    metrics: list[MetricSettings] = pydantic.Field([], min_length=1)
    """Those that go with the kind of the label, if there are none."""
    plots: list[str] = []
    """TFMA's plots, which decide nothing, such as MultiClassConfusionMatrixPlot."""
    beat_constant: bool = True
    """Whether a candidate has to be better than always the same answer, by the first metric that
    tells what a model is worth as a whole."""
    smallest_slice: int = pydantic.Field(30, ge=1, le=1_000_000_000)
    """Examples; limits do not count on a slice of fewer."""

    @pydantic.model_validator(mode="after")
    def _has_a_threshold(self) -> EvaluationSettings:
        """Without any threshold TFX blesses nothing and refuses nothing (tfx issue 5148)."""
        limits = [limit for metric in self.metrics for limit in metric.limits.values()]
        names = {metric.metric for metric in self.metrics}
        is_held = self.beat_constant and names & metric_kinds.OF_ALL
        if self.metrics and not is_held and all(limit == Limits() for limit in limits):
            raise ValueError("set at least one threshold, e.g. overall: {min: 0.9}")
        return self

    @pydantic.model_validator(mode="after")
    def _names_each_once(self) -> EvaluationSettings:
        for key, names in (
            ("metrics", [metric.metric for metric in self.metrics]),
            ("plots", self.plots),
        ):
            if (again := twice(names)) is not None:
                raise ValueError(f"{key} names {again} twice; put all its limits into one entry")
        # BinaryCrossentropy and BinaryCrossEntropy are one to TFMA, which tells one value of both.
        alike = {metric.metric.lower(): metric.metric for metric in self.metrics}
        for metric in self.metrics:
            if (other := alike[metric.metric.lower()]) != metric.metric:
                raise ValueError(
                    f"metrics names {metric.metric} and {other}, which are one; leave one out"
                )
        return self
