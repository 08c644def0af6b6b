"""A node that was tried again in its run: the last attempt tells how the run stands."""

from __future__ import annotations

import json
import sqlite3

import pytest
from werkzeug.test import Client

from inspection import open_store
from inspection.files.workspace import Workspace
from inspection.questions.executions.failure import FailureAnswer
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out, StoreWriter, stock_run

GRAPH, NODE = "system.DAGExecution", "system.ContainerExecution"


@pytest.fixture
def get(store):
    client = Client(
        App(Source(lambda: open_history(store.root), Workspace(store.root)), ["localhost"])
    )

    def page(path: str) -> str:
        found = client.get(path)
        assert found.status_code == 200, path
        return found.text

    return page


def kubeflow_run(store: StoreWriter, name: str) -> list[int]:
    return [store.context("system.Pipeline", "p"), store.context("system.PipelineRun", name)]


def node(store, contexts, name, state="complete", type=NODE, **more):
    outputs = more.pop("outputs", {})
    told = {"task_name": name, **more}
    return store.execution(type, contexts, state=state, properties=told, outputs=outputs)[0]


def state_of(ask) -> str:
    return json.loads(ask("runs", "--json"))["lines"][0]["state"]


def test_a_node_that_failed_and_then_succeeded_did_not_fail_its_run(store, ask, get):
    run = store.run("taxi", "r")
    run.node("Gen", {}, {"examples": Out("Examples")})
    run.node("Trainer", {"examples": 1}, {}, state="failed")
    run.node("Trainer", {"examples": 1}, {"model": Out("Model")})
    said = ask("runs")
    assert "the last one, r, is complete: its pipeline has no Pusher." in said
    assert " 2 complete " in said
    assert "failed" not in said
    assert "r" in ask("runs", "--state", "complete").splitlines()[-1]
    assert len(ask("runs", "--state", "failed").splitlines()) == 1
    assert "is not pushed: its pipeline has no Pusher." in ask("why", "latest")
    assert "failed, then s3" in ask("show", "latest")
    assert "failed, then s3" in ask("show", "s2")
    # The attempt itself failed; the run that tried again has nothing to go on with.
    first, *rest = ask("why", "s2").splitlines()
    assert first == "Trainer (s2) failed in run r. It was tried again: s3 is complete."
    assert not any("go on with" in line for line in rest)
    assert "✅" in ask("report", "latest", "--markdown")
    text = get(f"/runs/r{next(iter(open_history(store.root).runs))}")
    assert 'class="badge good">complete</span></h1>' in text.replace("\n", "")
    assert 'class="failed"' not in text
    assert "then" in text
    assert "Go on with" not in get("/steps/s2")
    opened = open_store(store.root)
    assert opened.runs().to_pandas()["state"].tolist() == ["complete"]
    why = opened.why("s2")
    assert isinstance(why, FailureAnswer)
    assert why.next_attempt == "s3 is complete"


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (("failed", "failed", "complete"), "complete"),
        (("complete", "failed"), "failed"),
        (("canceled", "complete"), "complete"),
        (("cached", "complete"), "complete"),
        (("running", "complete"), "complete"),
        (("failed", "running"), "running"),
        (("failed", "cached"), "complete"),
    ],
)
def test_the_last_attempt_decides(store, ask, states, state):
    run = store.run("taxi", "r")
    for each in states:
        run.node("Trainer", {}, {"model": Out("Model")}, state=each)
    with sqlite3.connect(store.root / "metadata.db") as file:
        # Whatever the clocks were: these went backwards.
        file.execute("UPDATE Execution SET create_time_since_epoch = 9000000000 - id")
    file.close()
    assert state_of(ask) == state
    [counts] = [line["steps"] for line in json.loads(ask("runs", "--json"))["lines"]]
    assert sum(counts.values()) == 1
    ask("why", "latest", code=1 if state == "failed" else 0)


def test_each_round_of_a_loop_has_attempts_of_its_own(store, ask):
    contexts = kubeflow_run(store, "r")
    whole = node(store, contexts, "", type=GRAPH)
    loop = node(store, contexts, "for-each", type=GRAPH, parent_dag_id=whole)
    for number, state in enumerate(("failed", "complete")):
        round = node(
            store, contexts, "for-each", type=GRAPH, parent_dag_id=loop, iteration_index=number
        )
        node(store, contexts, "train", state, parent_dag_id=round)
    assert "did not finish: for-each[0]/train (s4) failed." in ask("runs")
    again = node(store, contexts, "train", parent_dag_id=3)
    assert again == 7
    assert state_of(ask) == "complete"
    assert ask("why", "s4").startswith("for-each[0]/train (s4) failed in run r. It was tried again")


def test_a_graph_that_was_tried_again_takes_its_nodes_with_it(store, ask):
    contexts = kubeflow_run(store, "r")
    whole = node(store, contexts, "", type=GRAPH)
    first = node(store, contexts, "part", "failed", type=GRAPH, parent_dag_id=whole)
    inner = node(store, contexts, "inner", "failed", type=GRAPH, parent_dag_id=first)
    node(store, contexts, "flaky", "failed", parent_dag_id=inner)
    second = node(store, contexts, "part", type=GRAPH, parent_dag_id=whole)
    node(store, contexts, "steady", parent_dag_id=second)
    assert state_of(ask) == "complete"
    [line] = json.loads(ask("runs", "--json"))["lines"]
    assert line["steps"] == {"complete": 1}


def test_two_nodes_of_one_name_are_no_attempts_of_each_other(store, ask):
    """Sub-pipelines have nodes of one name; and what nobody named has that of its type."""
    outer = [store.context("pipeline", "outer"), store.context("pipeline_run", "r")]
    for inner, state in (("outer.one", "failed"), ("outer.two", "complete")):
        contexts = [*outer, store.context("pipeline", inner), store.context("pipeline_run", inner)]
        named = store.context("node", f"{inner}.Trainer")
        store.execution("tfx.Trainer", [*contexts, named], state=state)
    assert ask("why", "r", code=1).startswith("Trainer (s1) failed in run r")
    other = store.context("KfpRun", "by-type")
    for state in ("failed", "complete"):
        store.execution("my.Fold", [other], state=state)
    assert ask("why", "by-type", code=1).startswith("Fold (s3) failed in run by-type")


def test_whoever_logs_by_hand_says_how_it_ended(store, ask):
    run = store.context("system.ExperimentRun", "e", _state="COMPLETE")
    for state in ("failed", "complete"):
        store.execution("system.Run", [run], state=state, name=f"train-{state}")
    assert "is complete" in ask("runs")
    assert state_of(ask) == "complete"
    ask("why", "latest")
    other = store.context("system.ExperimentRun", "f", _state="FAILED")
    store.execution("system.Run", [other], name="all-well")
    assert "did not finish: it says that it failed." in ask("runs")
    assert ask("why", "latest", code=1).startswith("Run f failed, as it says; no step of it did.")


def test_a_verdict_that_was_given_again_is_the_one_that_counts(store, ask):
    run = store.run("taxi", "r")
    model = run.node("Trainer", {}, {"model": Out("Model")})
    for blessed in (0, 1):
        run.node("Evaluator", model, {"blessing": Out("ModelBlessing", {"blessed": blessed})})
    assert "refused" not in ask("runs")
    assert "refused" not in ask("why", f"a{model['model']}")


def test_a_model_of_a_failed_attempt_failed(store, ask):
    run = store.run("taxi", "r")
    for state in ("failed", "complete"):
        run.node("Trainer", {}, {"model": Out("Model")}, state=state)
    said = ask("why", "a1")
    assert said.startswith("Model a1 was not pushed: Trainer (s1) failed, and s2 came after.")
    assert ask("show", "a1").startswith("Model a1, failed: ")
    assert ask("why", "a2").startswith("Model a2 is not pushed: its pipeline has no Pusher.")
    run.node("Trainer", {}, {}, state="canceled")
    assert ask("why", "latest", code=1).startswith("Trainer (s3) was canceled in run r")


def test_what_a_failed_attempt_wrote_is_no_evidence(store, ask):
    """Nor is it kept for the cache, which takes nothing that failed."""
    base = store.root / "serving" / "taxi"
    run = store.run("taxi", "1")
    for state in ("failed", "complete"):
        run.node("Tuner", {}, {"best": Out("HyperParameters")}, state=state)
    stock_run(store, "taxi", "1", base=base, version="1")
    said = ask("gc", "--dry-run")
    assert said.startswith("1 artifact can be deleted")
    assert "a1 HyperParameters" in said
    # A run that is at work keeps all that it has.
    run.node("Tuner", {}, {}, state="running")
    assert ask("gc", "--dry-run").startswith("Nothing can be deleted")
