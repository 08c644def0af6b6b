"""What a run decided, collected from its artifacts: the last lines and --json show this."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from documents.document import Document
from documents.evaluator_verdict import EvaluatorVerdict
from documents.features import Features
from documents.outcome import Outcome
from documents.serving_verdict import ServingVerdict
from documents.slice import LABEL, slice_title
from documents.training_record import TrainingRecord
from documents.variants import Variants
from pipeline.local.nodes.result import NodeResult
from serving.base_path import storage


@dataclasses.dataclass(frozen=True)
class SliceAtRisk:
    """A slice with a limit, and how far its metric is from it."""

    metric: str
    slice: str
    value: float
    margin: float


@dataclasses.dataclass(frozen=True)
class Summary:
    """The outcome of one run, ready for JSON."""

    run_id: str
    outcome: Outcome
    reason: str | None = None
    """Why nothing was pushed, one sentence."""
    model: str | None = None
    version: int | None = None
    path: str | None = None
    confirmed_at: str | None = None
    """When a model server was seen to serve the version; UTC, ISO 8601."""
    confirm_url: str | None = None
    """The server that did."""
    test_accuracy: float | None = None
    """On the official test split, through the served model."""
    test_r2: float | None = None
    """The same of numbers: the share of their variance that is explained."""
    test_examples: int | None = None
    data: Mapping[str, Any] | None = None
    span: int | None = None
    """Of the input; None where it has no spans."""
    span_is_new: bool | None = None
    """Whether no earlier run has read it; None where there are no spans."""
    no_new_data: str | None = None
    """Says which span was processed already, by runs that left nothing to do; else None."""
    evaluation: Mapping[str, Any] | None = None
    slices_at_risk: Sequence[SliceAtRisk] = ()
    serving_check: Mapping[str, Any] | None = None
    variants: Mapping[str, Any] | None = None
    """The smaller forms of the model, where `variants` stands in the settings."""
    tuning: Mapping[str, Any] | None = None
    """What a search for settings found, where one was asked for."""
    nodes: Sequence[Mapping[str, Any]] = ()
    seconds: float = 0.0
    log: str | None = None
    resume: str | None = None
    """The command that goes on after a failure."""

    def as_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1, default=str)


def summarize(
    run_id: str,
    results: Sequence[NodeResult],
    *,
    model: str,
    seconds: float,
    log: str,
    spans: bool = False,
) -> Summary:
    """Reads the verdicts that the nodes of a finished run left in their artifacts."""
    training = _document(results, "Trainer", "model", TrainingRecord)
    features = _document(results, "Trainer", "model", Features)
    verdict = _document(results, "Evaluator", "blessing", EvaluatorVerdict)
    check = _document(results, "ServingCheck", "blessing", ServingVerdict)
    outcome, reason, version, path = _push(results)
    span, span_is_new = read_span(results) if spans else (None, None)
    return Summary(
        run_id=run_id,
        outcome=outcome,
        reason=reason,
        model=model,
        version=version,
        path=path,
        confirmed_at=_pushed_property(results, "confirmed_at"),
        confirm_url=_pushed_property(results, "confirm_url"),
        test_accuracy=check.get("test_accuracy"),
        test_r2=check.get("test_r2"),
        test_examples=check.get("test_examples"),
        data=training.get("data"),
        span=span,
        span_is_new=span_is_new,
        no_new_data=no_new_data(results, span),
        evaluation=verdict or None,
        slices_at_risk=slices_at_risk(
            verdict.get("metrics") or [],
            training.get("labels") or [],
            label=(features.get("label") or {}).get("name", LABEL),
        ),
        serving_check=check or None,
        variants=_document(results, "Variants", "variants", Variants) or None,
        nodes=node_rows(results),
        seconds=round(seconds, 2),
        log=log,
    )


def node_rows(results: Sequence[NodeResult]) -> list[dict[str, Any]]:
    """How each node ended, for JSON."""
    return [
        {
            "node": result.node,
            "state": result.state,
            "seconds": round(result.seconds, 2),
            "execution_id": result.execution_id,
        }
        for result in results
    ]


def read_span(results: Sequence[NodeResult]) -> tuple[int | None, bool | None]:
    """The span that ExampleGen took, and whether this run is the first that read it."""
    result = _result(results, "ExampleGen")
    if result is None or "examples" not in result.outputs:
        return None, None
    [examples] = result.outputs["examples"]
    return examples.get_int_custom_property("span"), result.state != "cached"


def no_new_data(results: Sequence[NodeResult], span: int | None) -> str | None:
    """A sentence when a run found nothing to do.

    That the span was read before is not enough: the run that did may have failed behind it.
    """
    if span is None or any(result.state not in ("cached", "skipped") for result in results):
        return None
    return f"No new data: span {span} was already processed."


def slices_at_risk(
    rows: Sequence[Mapping[str, Any]], labels: Sequence[str], most: int = 3, label: str = LABEL
) -> list[SliceAtRisk]:
    """The slices nearest to a limit, nearest first; label numbers are given their names."""
    limited = [row for row in rows if None not in (row.get("margin"), row["value"])]
    return [
        SliceAtRisk(
            metric=row["metric"],
            slice=slice_title(row["slice"], labels, label),
            value=row["value"],
            margin=row["margin"],
        )
        for row in sorted(limited, key=lambda row: row["margin"])[:most]
    ]


def _push(
    results: Sequence[NodeResult],
) -> tuple[Outcome, str | None, int | None, str | None]:
    pusher = _result(results, "Pusher")
    if pusher is None or "pushed_model" not in pusher.outputs:
        return "unfinished", "The run ended before Pusher.", None, None
    [pushed] = pusher.outputs["pushed_model"]
    version = pushed.get_string_custom_property("pushed_version")
    path = pushed.get_string_custom_property("pushed_destination") or None
    outcome = pushed.get_string_custom_property("outcome")
    reason = pushed.get_string_custom_property("reason") or None
    number = int(version) if version else None
    if outcome == "pushed" and pusher.state == "cached":
        return (
            "already_live",
            f"Nothing was pushed: nothing changed since version {version} was.",
            number,
            path,
        )
    return outcome, reason, number, path


def _pushed_property(results: Sequence[NodeResult], name: str) -> str | None:
    pusher = _result(results, "Pusher")
    if pusher is None or "pushed_model" not in pusher.outputs:
        return None
    return pusher.outputs["pushed_model"][0].get_string_custom_property(name) or None


def _result(results: Sequence[NodeResult], node: str) -> NodeResult | None:
    return next((result for result in results if result.node == node), None)


def _document(
    results: Sequence[NodeResult], node: str, output: str, kind: type[Document]
) -> dict[str, Any]:
    result = _result(results, node)
    if result is None or output not in result.outputs:
        return {}
    document = storage.read_document(kind, f"{result.outputs[output][0].uri}/{kind.FILE}")
    return document.as_written() if document else {}
