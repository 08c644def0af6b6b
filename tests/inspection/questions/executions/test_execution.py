"""Executions that no run answers for: outside any, skipped, or of no known end."""

from __future__ import annotations

import json
import sqlite3

import pytest
from werkzeug.test import Client

import inspection
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out, StoreWriter, stock_run

GRAPH, NODE = "system.DAGExecution", "system.ContainerExecution"


def get(store: StoreWriter, path: str) -> str:
    source = Source(lambda: open_history(store.root), Workspace(store.root))
    found = Client(App(source, ["localhost"])).get(path)
    assert found.status_code == 200, path
    return found.text


def conditional(store: StoreWriter, *tasks: str, kind: str = NODE) -> None:
    """A Kubeflow run with a branch that was not taken: its driver calls that canceled."""
    contexts = [store.context("system.Pipeline", "p"), store.context("system.PipelineRun", "p-1")]
    whole, _ = store.execution(GRAPH, contexts, state="running")
    told = {"task_name": "train", "parent_dag_id": whole}
    store.execution(NODE, contexts, properties=told, outputs={"model": Out("system.Model")})
    for task in tasks:
        told = {"task_name": task, "parent_dag_id": whole}
        store.execution(kind, contexts, state="canceled", properties=told)


@pytest.mark.parametrize("kind", [GRAPH, NODE])
def test_a_branch_that_was_not_taken_is_no_failure(store, ask, kind):
    conditional(store, "retrain", kind=kind)
    assert "p-1, is complete: its pipeline has no Pusher." in ask("runs")
    [line] = json.loads(ask("runs", "--json"))["lines"]
    assert (line["state"], line["outcome"]) == ("complete", "complete")
    said = "retrain (s3) was skipped: its condition was not met."
    assert ask("why", "s3").startswith(said)
    assert inspection.open_store(store.root).why("s3").headline == said
    page = get(store, "/steps/s3")
    assert "was skipped: its condition was not met." in page
    assert "canceled" not in page + get(store, "/runs/r2") + ask("list", "executions")


def test_a_pusher_that_was_skipped_is_told_of(store, ask):
    conditional(store, "Pusher")
    assert "is complete: Pusher (s3) was skipped: its condition was not met." in ask("runs")


def test_what_was_stopped_elsewhere_was_canceled(store, ask):
    store.run("p", "1").node("Trainer", {}, {}, state="canceled")
    assert "did not finish: Trainer (s1) canceled." in ask("runs")


def test_an_end_that_the_store_does_not_tell_is_not_made_up(store, ask):
    stock_run(store, "taxi", "1", base=None)
    with sqlite3.connect(store.root / "metadata.db") as file:
        file.execute("UPDATE Execution SET last_known_state = NULL")
    file.close()
    said = "the store does not say how InfraValidator (s5) ended."
    assert f"the last one, 1, may have finished: {said}" in ask("runs")
    [line] = json.loads(ask("runs", "--json"))["lines"]
    assert (line["state"], line["fate"]) == ("unknown", "unknown")
    assert ask("why", "latest").startswith(f"What became of model a3 is not known: {said}")
    assert ask("runs", "--state", "unknown").splitlines()[2].startswith("r2 ")
    assert 'href="/runs/r2"' in get(store, "/?state=unknown")
    assert json.loads(ask("export", "--json"))["runs"][0]["state"] == "unknown"


@pytest.mark.parametrize(
    ("state", "word"),
    [("running", "is running"), ("failed", "failed"), ("canceled", "canceled")],
)
def test_python_answers_as_the_command_line_does(store, ask, state, word):
    store.execution("my.Train", [], state=state)
    found = inspection.open_store(store.root).why("s1")
    assert word in found.headline
    assert found.to_pandas()["step"].tolist() == [1]
    assert ask("why", "s1", code=int(state != "running")).startswith(found.headline)


def test_an_output_that_two_steps_tell_of_is_reported_once(store, ask, tmp_path):
    run = store.run("p", "1")
    made = run.node("Trainer", {}, {"model": Out("Model")})
    run.node("Copier", {}, {"again": made["model"]})
    ask("report", "latest", "--html", str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").read_text().count('<tr id="a1">') == 1


def test_a_push_that_does_not_say_whether_it_was_one_is_no_refusal(store, ask):
    run = store.run("p", "1")
    made = run.node("Trainer", {}, {"model": Out("Model")})
    run.node("Deployer", made, {"pushed": Out("PushedModel")})
    said = "a2 does not say whether it was pushed."
    assert ask("why", "latest").startswith(f"What became of model a1 is not known: {said}")
    assert ask("show", "a1").startswith("Model a1, unknown: ")
    assert "unknown" in get(store, "/models")
