"""The coefficient of determination: tf_keras has one that TFMA cannot compute."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types, metric_util

NAME = "r2_score"


@dataclasses.dataclass
class _Sums:
    """Of weights, of labels and their squares, and of the squares of errors."""

    weight: float = 0.0
    label: float = 0.0
    square: float = 0.0
    error: float = 0.0


class R2Score(metric_types.Metric):
    """1 minus squared errors / squared distances from the mean: 0 is what the mean is worth."""

    def __init__(self, name: str = NAME):
        super().__init__(metric_util.merge_per_key_computations(_computations), name=name)


def _computations(
    name: str = NAME,
    eval_config: Any = None,
    model_name: str = "",
    output_name: str = "",
    sub_key: Any = None,
    aggregation_type: Any = None,
    class_weights: Any = None,
    example_weighted: bool = False,
) -> metric_types.MetricComputations:
    """See metric_types.Metric, whose arguments these are."""
    key = metric_types.MetricKey(
        name=name,
        model_name=model_name,
        output_name=output_name,
        sub_key=sub_key,
        example_weighted=example_weighted,
    )
    combiner = _Combiner(key, eval_config)
    return [metric_types.MetricComputation(keys=[key], preprocessors=None, combiner=combiner)]


class _Combiner(beam.CombineFn):
    def __init__(self, key: metric_types.MetricKey, eval_config: Any):
        self._key = key
        self._eval_config = eval_config

    def create_accumulator(self) -> _Sums:
        return _Sums()

    def add_input(self, sums: _Sums, element: metric_types.StandardMetricInputs) -> _Sums:
        for found in metric_util.to_label_prediction_example_weight(
            element,
            eval_config=self._eval_config,
            model_name=self._key.model_name,
            output_name=self._key.output_name,
            example_weighted=self._key.example_weighted,
        ):
            label, prediction, weight = (float(each.item()) for each in found)
            sums.weight += weight
            sums.label += weight * label
            sums.square += weight * label**2
            sums.error += weight * (label - prediction) ** 2
        return sums

    def merge_accumulators(self, accumulators: Iterable[_Sums]) -> _Sums:
        result = _Sums()
        for sums in accumulators:
            for field in dataclasses.fields(_Sums):
                total = getattr(result, field.name) + getattr(sums, field.name)
                setattr(result, field.name, total)
        return result

    def extract_output(self, sums: _Sums) -> dict[metric_types.MetricKey, float]:
        distances = sums.square - sums.label**2 / sums.weight if sums.weight else 0.0
        return {self._key: 1 - sums.error / distances if distances > 0 else float("nan")}
