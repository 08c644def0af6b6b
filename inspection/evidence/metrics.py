"""What an evaluation measured, metric by metric and slice by slice."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterable, Iterator, Mapping

from documents.evaluator_verdict import EvaluatorVerdict, MetricRow
from documents.figure import measured
from documents.slice import OVERALL
from documents.terminal.counted import counted
from inspection.evidence import protobuf
from inspection.evidence.damage import pass_over
from inspection.evidence.tfrecord import records_of
from inspection.files.stored_file import StoredFile
from inspection.files.workspace import Workspace

TOLERANCE = 0.005
"""How much worse a metric may be for a model to count as as good."""


@dataclasses.dataclass(frozen=True)
class Metric:
    """One metric on one slice, with the limits that it was held against, if any."""

    metric: str
    slice: str
    """`overall`, or `feature=value`."""
    value: float
    baseline_value: float | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    max_drop: float | None = None
    """How much worse than the baseline it may be."""
    higher_is_better: bool = True
    ok: bool | None = None
    """None where nothing was demanded."""
    constant_value: float | None = None
    """What always the same answer is worth."""
    must_beat_constant: bool = False
    examples: int | None = None
    gated: bool = True
    """Whether limits count: not so on a slice of few examples."""

    @property
    def key(self) -> tuple[str, str]:
        return self.metric, self.slice

    @property
    def limit(self) -> str:
        """What was demanded, in words; empty without thresholds."""
        if not self.gated:
            return f"nothing of only {counted(self.examples or 0, 'example')}"
        demands = []
        if self.must_beat_constant and self.constant_value is not None:
            sign = ">" if self.higher_is_better else "<"
            demands.append(f"{sign} {measured(self.constant_value)}, always the same answer")
        if self.lower_bound is not None:
            demands.append(f"≥ {self.lower_bound:g}")
        if self.upper_bound is not None:
            demands.append(f"≤ {self.upper_bound:g}")
        if self.max_drop is not None and self.baseline_value is not None:
            demands.append(f"at most {self.max_drop:g} worse than {measured(self.baseline_value)}")
        return ", ".join(demands)


def read_metrics(
    workspace: Workspace, blessing_uri: str | None, evaluation_uri: str | None
) -> list[Metric]:
    """The metrics of an evaluation; empty when its files are gone.

    Args:
      workspace: where the files are.
      blessing_uri: of the ModelBlessing; our Evaluator leaves a verdict with thresholds there.
      evaluation_uri: of the ModelEvaluation, for any other Evaluator.
    """
    verdict = workspace.read(EvaluatorVerdict, blessing_uri) if blessing_uri else None
    if verdict:
        return from_rows(verdict.metrics)
    files = workspace.files(evaluation_uri, "metrics*") if evaluation_uri else ()
    return [metric for file in files for metric in _tfma(file)]


def from_rows(rows: Iterable[MetricRow]) -> list[Metric]:
    """The `metrics` of a verdict, but for those without a number."""
    return [
        Metric(
            metric=row.metric,
            slice=row.slice,
            value=row.value,
            baseline_value=row.baseline_value,
            lower_bound=row.lower_bound,
            upper_bound=row.upper_bound,
            max_drop=row.max_drop,
            higher_is_better=row.higher_is_better,
            ok=row.ok if row.gated else None,
            constant_value=row.constant_value,
            must_beat_constant=row.must_beat_constant,
            examples=row.examples,
            gated=row.gated,
        )
        for row in rows
        if row.value is not None
    ]


def by_key(metrics: Iterable[Metric]) -> Mapping[tuple[str, str], Metric]:
    return {metric.key: metric for metric in metrics}


def _tfma(file: StoredFile) -> Iterator[Metric]:
    """What TensorFlow Model Analysis wrote: MetricsForSlice in a TFRecord file."""
    try:
        for record in records_of(file):
            yield from _for_slice(record)
    except (OSError, protobuf.WireError, struct.error) as error:
        pass_over(file, error)


# Field numbers below are those of metrics_for_slice.proto in tensorflow_model_analysis.
def _for_slice(record: bytes) -> Iterator[Metric]:
    message = protobuf.fields(record)
    name = slice_name(protobuf.message(message, 1))
    for entry in message.get(51, ()):
        if not isinstance(entry, bytes):
            continue
        pair = protobuf.fields(entry)
        key = protobuf.fields(protobuf.message(pair, 1))
        value = protobuf.fields(protobuf.message(pair, 2))
        plain = not key.get(3) and not key.get(5)  # neither by class nor a difference
        if plain and value.get(1):
            wrapped = protobuf.fields(protobuf.message(value, 1))
            model = protobuf.text(key, 4)
            if model in ("", "candidate"):
                yield Metric(protobuf.text(key, 1), name, protobuf.double(wrapped, 1))


def slice_name(key: bytes) -> str:
    """TFMA's SliceKey in words: `overall`, or `feature=value`."""
    parts = protobuf.fields(key).get(1, ())
    return ",".join(_slice_part(part) for part in parts if isinstance(part, bytes)) or OVERALL


def _slice_part(key: bytes) -> str:
    fields = protobuf.fields(key)
    if fields.get(2):
        value = protobuf.text(fields, 2)
    elif fields.get(3):
        value = f"{struct.unpack('<f', protobuf.message(fields, 3))[0]:g}"
    else:
        value = str(protobuf.whole_number(fields, 4))
    return f"{protobuf.text(fields, 1)}={value}"
