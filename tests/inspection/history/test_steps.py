"""What is told of steps without their records is what their records say."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from inspection.questions.executions.killed import settle
from inspection.store import open_history
from tests.inspection.recorded_runs import RECORDED
from tests.inspection.store_writer import STATES, StoreWriter
from tests.inspection.stores.foreign import kubeflow, vertex

NEVER = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)


def every_state(store: StoreWriter) -> None:
    """Runs in every state that steps can be in, with what else tells of a node or state."""
    pipeline = store.context("pipeline", "a.b")
    inner = store.context("pipeline", "a.b.c")
    for number, state in enumerate(STATES):
        run = store.context("pipeline_run", f"run-{number}")
        places = [pipeline, run, store.context("node", f"a.b.Node-{number % 3}")]
        store.execution("tfx.Node", places, state="complete")
        store.execution("tfx.Node", places, state=state, properties={"state": "cached"})
        store.execution("tfx.Inner", [*places[:2], inner, store.context("node", "a.b.c.Inner")])
        store.execution("tfx.Nameless", places[:2], properties={"component_id": "Told"})
    store.execution("tfx.Pusher", places, state="failed", properties={"__killed__": 1})
    store.execution("tfx.Loose", [])


def stored(make, store):
    make(store)
    return store.root


STORES = {
    "recorded": lambda store: RECORDED,
    "every state": lambda store: stored(every_state, store),
    "Kubeflow": lambda store: stored(lambda it: kubeflow(it, failing=True), store),
    "Vertex": lambda store: stored(vertex, store),
}


@pytest.mark.medium
@pytest.mark.parametrize("kind", STORES)
def test_they_tell_without_records_what_the_records_say(store, kind):
    root = STORES[kind](store)
    made = [*open_history(root).steps.values()]
    assert made

    def fresh():
        return open_history(root).steps

    for steps in (fresh(), settle(open_history(root)).steps):
        assert list(steps) == [step.id for step in made]
        assert list(reversed(steps)) == list(steps)[::-1]
        assert [*map(steps.type_of, steps)] == [step.type for step in made]
        assert [*map(steps.node_of, steps)] == [step.node for step in made]
        assert [*map(steps.run_of, steps)] == [step.run for step in made]
    assert [*map(fresh().state_of, fresh())] == [step.state for step in made]
    for state in {step.state for step in made}:
        assert fresh().in_states(state) == [step.id for step in made if step.state == state]
    for type in {step.type for step in made}:
        found = fresh().of_types(lambda each, type=type: each == type)
        assert found == [step.id for step in made if step.type == type]
    assert fresh().nodes_of(fresh()) == {step.node for step in made}


@pytest.mark.parametrize("kind", STORES)
def test_a_run_is_what_its_steps_make_it(store, kind):
    history = open_history(STORES[kind](store))
    for run in history.runs.values():
        steps = [step for step in history.steps.values() if step.run == run.id]
        assert run.steps == tuple(step.id for step in steps)
        assert history.steps.nodes_of(run.steps) == {step.node for step in steps}
        done = {step.state for step in steps} <= {"complete", "cached"}
        if done and steps:
            assert run.state == "complete"
            assert run.started == min(step.started or NEVER for step in steps)
            assert run.ended == max(step.ended or NEVER for step in steps)


def test_some_can_be_changed_and_the_others_stay(store):
    every_state(store)
    steps = open_history(store.root).steps
    first, second = list(steps)[:2]
    changed = steps.with_changed({first: dataclasses.replace(steps[first], state="killed")})
    assert changed.state_of(first) == changed[first].state == "killed"
    assert changed.in_states("killed")[0] == first
    assert changed.node_of(first) == steps.node_of(first)
    assert steps.state_of(first) == "complete"
    assert changed[second] == steps[second]
