"""The summary of a run, from what its nodes left in their artifacts."""

import json
from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from pipeline.local.display.summary import slices_at_risk, summarize
from pipeline.local.nodes.result import NodeResult, State

LABELS = ["T-shirt/top", "Trouser", "Pullover"]


def _write(folder: Path, name: str, document: dict) -> str:
    folder.mkdir(parents=True)
    (folder / name).write_text(json.dumps(document))
    return str(folder)


@pytest.fixture
def results(tmp_path: Path) -> list[NodeResult]:
    model = standard_artifacts.Model()
    model.uri = _write(
        tmp_path / "model",
        "training.json",
        {"labels": LABELS, "data": {"source": "sample", "examples": {"train": 10}}},
    )
    blessing = standard_artifacts.ModelBlessing()
    row = {"metric": "Accuracy", "slice": "label=1", "value": 0.7, "margin": 0.1, "ok": True}
    blessing.uri = _write(
        tmp_path / "blessing", "verdict.json", {"blessed": True, "metrics": [row]}
    )
    infra = standard_artifacts.InfraBlessing()
    infra.uri = _write(
        tmp_path / "infra",
        "verdict.json",
        {
            "blessed": True,
            "checks": [],
            "test_accuracy": 0.93,
            "test_r2": 0.5,
            "test_examples": 500,
        },
    )
    pushed = standard_artifacts.PushedModel()
    pushed.set_string_custom_property("outcome", "pushed")
    pushed.set_string_custom_property("pushed_version", "42")
    pushed.set_string_custom_property("pushed_destination", "/srv/m/42")
    return [
        NodeResult("Trainer", "done", 9.0, 1, {"model": [model]}),
        NodeResult("Evaluator", "done", 3.0, 2, {"blessing": [blessing]}),
        NodeResult("ServingCheck", "done", 2.0, 3, {"blessing": [infra]}),
        NodeResult("Pusher", "done", 0.1, 4, {"pushed_model": [pushed]}),
    ]


def _summarize(results: list[NodeResult]):
    return summarize("r1", results, model="m", seconds=14.2, log="/logs/r1.log")


def test_a_pushed_model_is_told_with_its_evidence(results: list[NodeResult]):
    summary = _summarize(results)
    assert (summary.outcome, summary.version, summary.path) == ("pushed", 42, "/srv/m/42")
    assert (summary.test_accuracy, summary.test_r2, summary.test_examples) == (0.93, 0.5, 500)
    assert summary.slices_at_risk[0].slice == "label=1 (Trouser)"
    document = json.loads(summary.as_json())
    assert document["data"]["source"] == "sample"
    assert document["nodes"][0] == {
        "node": "Trainer",
        "state": "done",
        "seconds": 9.0,
        "execution_id": 1,
    }


def test_a_cached_pusher_means_that_the_version_already_is_there(results: list[NodeResult]):
    [pushed] = results[-1].outputs["pushed_model"]
    cached = NodeResult("Pusher", "cached", 0.0, 9, {"pushed_model": [pushed]})
    summary = _summarize([*results[:-1], cached])
    assert summary.outcome == "already_live"
    assert "version 42" in (summary.reason or "")


def test_a_refusal_keeps_its_reason(results: list[NodeResult]):
    refused = standard_artifacts.PushedModel()
    refused.set_string_custom_property("outcome", "refused")
    refused.set_string_custom_property("reason", "Evaluator: too low.")
    summary = _summarize(
        [*results[:-1], NodeResult("Pusher", "done", 0.1, 4, {"pushed_model": [refused]})]
    )
    assert (summary.outcome, summary.reason) == ("refused", "Evaluator: too low.")
    assert summary.version is None


def test_a_withdrawn_push_is_told_with_its_reason(results: list[NodeResult]):
    [pushed] = results[-1].outputs["pushed_model"]
    pushed.set_string_custom_property("outcome", "withdrawn")
    pushed.set_string_custom_property("reason", "Version 42 was withdrawn: nothing answers.")
    summary = _summarize(results)
    assert (summary.outcome, summary.version) == ("withdrawn", 42)
    assert summary.reason == "Version 42 was withdrawn: nothing answers."
    assert summary.confirmed_at is None


def test_a_confirmed_push_is_told_with_the_server(results: list[NodeResult]):
    [pushed] = results[-1].outputs["pushed_model"]
    pushed.set_string_custom_property("confirmed_at", "2026-01-01T00:00:00+00:00")
    pushed.set_string_custom_property("confirm_url", "http://127.0.0.1:8501")
    summary = _summarize(results)
    assert summary.confirmed_at == "2026-01-01T00:00:00+00:00"
    assert summary.confirm_url == "http://127.0.0.1:8501"


def test_a_partial_run_is_unfinished(results: list[NodeResult]):
    summary = _summarize([results[0], NodeResult("Pusher", "skipped", 0.0)])
    assert summary.outcome == "unfinished"


def test_slices_at_risk_are_the_nearest_to_their_limits_first():
    rows = [
        {"metric": "A", "slice": f"label={i}", "value": i, "margin": m}
        for i, m in enumerate([0.5, 0.1, None, 0.3, -0.2])
    ]
    assert [risk.slice for risk in slices_at_risk(rows, LABELS)] == [
        "label=4",
        "label=1 (Trouser)",
        "label=3",
    ]


@pytest.mark.parametrize(
    ("read", "pushed", "is_new", "said"),
    [
        ("done", "done", True, None),
        # One that goes on after a failure, or with other settings.
        ("cached", "done", False, None),
        ("cached", "cached", False, "No new data: span 3 was already processed."),
        ("cached", "skipped", False, "No new data: span 3 was already processed."),
    ],
)
def test_no_new_data_is_said_of_a_run_that_had_nothing_to_do(
    read: State, pushed: State, is_new: bool, said: str | None
):
    examples = standard_artifacts.Examples()
    examples.set_int_custom_property("span", 3)
    taken = [
        NodeResult("ExampleGen", read, 1.0, 1, {"examples": [examples]}),
        NodeResult("Pusher", pushed, 1.0, 2),
    ]
    summary = summarize("run", taken, model="m", seconds=1.0, log="l", spans=True)
    assert (summary.span, summary.span_is_new, summary.no_new_data) == (3, is_new, said)
    without = summarize("run", taken, model="m", seconds=1.0, log="l")
    assert (without.span, without.span_is_new, without.no_new_data) == (None, None, None)
