"""Which records a graph shows, and what it says about each."""

from __future__ import annotations

import pytest

from inspection.drawing.graph import MOST_ALIKE, MOST_NODES, lineage_graph, run_graph
from inspection.history.history import History
from inspection.history.records import Artifact, Event, Step
from inspection.questions.lineage import lineage
from inspection.store import open_history
from tests.inspection.recorded_runs import RECORDED


@pytest.fixture(scope="module")
def recorded() -> History:
    return open_history(str(RECORDED))


def many_runs(count: int) -> History:
    """So many runs that each train and push a model, from the same examples."""
    steps, artifacts, events = [], {1: artifact(1, "Examples")}, []
    for run in range(count):
        train, push, model, pushed = 2 * run + 1, 2 * run + 2, 2 * run + 2, 2 * run + 3
        steps += [step(train, "Trainer"), step(push, "Pusher")]
        artifacts |= {model: artifact(model, "Model"), pushed: artifact(pushed, "PushedModel")}
        events += [
            Event(train, 1, "input", "examples", 0),
            Event(train, model, "output", "model", 0),
            Event(push, model, "input", "model", 0),
            Event(push, pushed, "output", "pushed_model", 0),
        ]
    return History(
        address="",
        path=None,
        runs=(),
        steps=steps,
        artifacts=artifacts,
        read_events=lambda: events,
    )


def step(id: int, node: str) -> Step:
    return Step(id, node, node, "complete", None, None, None, {})


def artifact(id: int, type: str) -> Artifact:
    return Artifact(id, type, None, "", "live", {}, None, None)


def test_a_run_has_its_steps_with_times_and_cache_hits(recorded):
    drawn = run_graph(recorded, recorded.runs[24])
    notes = {node.title: node.note for node in drawn.nodes}
    assert len(notes) == drawn.total == 10
    assert notes["Transform"] == "s25 · cached"
    assert notes["Trainer"] == "s26 · 3.5 s"
    edges = {(line.source, line.target) for line in drawn.lines}
    assert ("s26", "s28") in edges
    assert ("s28", "s29") not in edges


def test_a_lineage_marks_where_it_starts_and_names_versions(recorded):
    model = recorded.artifacts[7]
    drawn = lineage_graph(recorded, lineage(recorded, model))
    assert [node.id for node in drawn.nodes if node.is_start] == ["a7"]
    assert any(node.note == "a13 · 1795427425" for node in drawn.nodes)
    assert {node.title for node in drawn.nodes} >= {"ServingReport", "Examples", "Trainer"}


def test_of_many_alike_the_newest_are_drawn_and_all_are_counted():
    history = many_runs(100)
    drawn = lineage_graph(history, lineage(history, history.artifacts[1], "down"))
    assert drawn.total == 401
    trainers = sorted(node.record.id for node in drawn.nodes if node.title == "Trainer")
    assert trainers == [2 * run + 1 for run in range(100 - MOST_ALIKE, 100)]
    assert len(drawn.nodes) == 1 + 4 * MOST_ALIKE <= MOST_NODES
    assert "a1" in {node.id for node in drawn.nodes}


def test_what_touches_the_start_is_drawn_however_old_it_is():
    history = many_runs(100)
    model = history.artifacts[2]
    drawn = {node.id for node in lineage_graph(history, lineage(history, model)).nodes}
    near = [*history.emitters(model.id), *history.consumers(model.id)]
    assert {f"s{step.id}" for step in near} <= drawn


def test_the_start_is_drawn_however_old_it_is():
    history = many_runs(100)
    drawn = lineage_graph(history, lineage(history, history.artifacts[2]))
    assert "a2" in {node.id for node in drawn.nodes if node.is_start}
