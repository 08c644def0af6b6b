"""Why TensorFlow Model Analysis did not bless a model: `validations.tfrecord`."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator, Mapping, Sequence

from inspection.evidence import protobuf
from inspection.evidence.damage import pass_over
from inspection.evidence.metrics import Metric, slice_name
from inspection.evidence.tfrecord import records_of
from inspection.files.stored_file import StoredFile
from inspection.files.workspace import Workspace

_PATTERN = "validations*"


@dataclasses.dataclass(frozen=True)
class Validations:
    """What did not hold."""

    failed: tuple[Metric, ...] = ()
    """Those that missed a threshold."""
    said: tuple[str, ...] = ()
    """Sentences on what is no number."""

    @property
    def reason(self) -> str | None:
        """One sentence; None when all held."""
        texts = [*map(_missed, self.failed), *self.said]
        if not texts:
            return None
        more = f"; {len(texts) - 1} more did not hold" if len(texts) > 1 else ""
        return f"{texts[0]}{more}."


def read_validations(workspace: Workspace, evaluation_uri: str | None) -> Validations | None:
    """What TFMA's own validation found in a ModelEvaluation; None when its files are gone."""
    files = workspace.files(evaluation_uri, _PATTERN) if evaluation_uri else []
    failed: list[Metric] = []
    said: list[str] = []
    for file in files:
        _read(file, failed, said)
    return Validations(tuple(failed), tuple(said)) if files else None


def _read(file: StoredFile, failed: list[Metric], said: list[str]) -> None:
    try:
        for record in records_of(file):
            for found in _result(protobuf.fields(record)):
                if isinstance(found, Metric):
                    failed.append(found)
                else:
                    said.append(found)
    except (OSError, protobuf.WireError, struct.error) as error:
        pass_over(file, error)


# Field numbers below are those of validation_result.proto and config.proto in
# tensorflow_model_analysis.
def _result(message: Mapping[int, Sequence[protobuf.Field]]) -> Iterator[Metric | str]:
    for of_slice in _messages(message, 2):
        key = protobuf.message(of_slice, 2)
        name = slice_name(key) if key or not of_slice.get(4) else "a comparison of slices"
        for failure in _messages(of_slice, 3):
            yield _failure(failure, name)
    for missing in _messages(message, 3):
        keys = [
            str(key, "utf-8", "replace") for key in missing.get(1, ()) if isinstance(key, bytes)
        ]
        values = [
            f"{protobuf.text(pair, 1)}={protobuf.text(pair, 2)}" for pair in _messages(missing, 2)
        ]
        yield f"no examples of slice {', '.join([*keys, *values]) or 'overall'} were evaluated"
    if message.get(6, (0,))[-1]:
        yield "no thresholds are set, so nothing can be blessed"


def _failure(failure: Mapping[int, Sequence[protobuf.Field]], name: str) -> Metric | str:
    key = protobuf.fields(protobuf.message(failure, 1))
    metric = protobuf.text(key, 1)
    threshold = protobuf.fields(protobuf.message(failure, 2))
    bounds = protobuf.fields(protobuf.message(threshold, 1))
    change = protobuf.fields(protobuf.message(threshold, 2))
    value = _number(protobuf.fields(protobuf.message(failure, 3)), 1)
    text = protobuf.text(failure, 4)
    if value is None or text:
        return f"{metric} on {name}: {text or 'it has no value'}"
    if threshold.get(2):
        absolute, relative = _number(change, 1), _number(change, 2)
        allowed = [f"{absolute:+g}"] if absolute is not None else []
        allowed += [f"{relative * 100:+g} %"] if relative is not None else []
        more = " and ".join(allowed) or "0"
        changed = f"{metric} on {name} changed by {value:+.4g} against the baseline"
        return f"{changed}, where {more} is allowed"
    return Metric(metric, name, value, None, _number(bounds, 1), _number(bounds, 2), ok=False)


def _missed(metric: Metric) -> str:
    low, high = metric.lower_bound, metric.upper_bound
    if low is not None and not metric.value >= low:
        missed = f"below the lower bound {low:g}"
    elif high is not None:
        missed = f"above the upper bound {high:g}"
    else:
        missed = "which is not what is demanded"
    return f"{metric.metric} on {metric.slice} is {metric.value:.4g}, {missed}"


def _number(fields: Mapping[int, Sequence[protobuf.Field]], number: int) -> float | None:
    """A DoubleValue; None when it is not there, which differs from 0."""
    if not fields.get(number):
        return None
    return protobuf.double(protobuf.fields(protobuf.message(fields, number)), 1)


def _messages(
    fields: Mapping[int, Sequence[protobuf.Field]], number: int
) -> Iterator[Mapping[int, Sequence[protobuf.Field]]]:
    return (protobuf.fields(each) for each in fields.get(number, ()) if isinstance(each, bytes))
