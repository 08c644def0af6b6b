"""Runs of thousands of executions: pages stay small, and no failure is left out."""

from __future__ import annotations

import json

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd
from werkzeug.test import Client

from inspection.__main__ import main
from inspection.files.workspace import Workspace
from inspection.history.records import Step
from inspection.history.steps_shown import steps_shown
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import StoreWriter

STEPS = 3_000


def step(id: int, state: str) -> Step:
    return Step(id, "Work", "Work", state, 1, None, None, {})


def test_what_did_not_end_well_comes_first_and_the_last_ones_fill_up():
    steps = [step(id, "failed" if id in (3, 8) else "cached") for id in range(20)]
    assert [each.id for each in steps_shown(steps, 5)] == [3, 8, 17, 18, 19]
    assert steps_shown(steps, 20) == steps
    assert [each.id for each in steps_shown([step(id, "running") for id in range(9)], 2)] == [7, 8]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    store = StoreWriter(tmp_path_factory.mktemp("many") / "root")
    run = store.run("loop", "many")
    run.node("Work", {}, {}, type="Work", state="failed")
    type_id = store.client.get_execution_type("Work").id
    made = store.client.put_executions(
        [mlmd.Execution(type_id=type_id, last_known_state=3) for _ in range(STEPS - 1)]
    )
    contexts = [each.id for each in store.client.get_contexts() if each.name in ("loop", "many")]
    store.client.put_attributions_and_associations(
        [],
        [
            mlmd.Association(context_id=context, execution_id=id)
            for context in contexts
            for id in made
        ],
    )
    return store.root


@pytest.mark.medium
def test_a_run_of_thousands_of_steps(root, capsys):
    client = Client(App(Source(lambda: open_history(root), Workspace(root)), ["localhost"]))
    run = next(iter(open_history(root).runs))
    page = client.get(f"/runs/r{run}").text
    assert "Of 3,000 steps 500 are shown: those that failed" in page
    assert 'href="/steps/s1"' in page
    assert len(page) < 1_000_000
    assert len(client.get(f"/runs/r{run}/report").text) < 1_000_000
    assert main(["report", "latest", "--markdown", "--store", str(root)]) == 0
    # What GitHub takes for a comment.
    assert len(capsys.readouterr().out) < 65_536
    # The command that is named lists all.
    assert main(["show", f"r{run}", "--json", "--store", str(root)]) == 0
    assert len(json.loads(capsys.readouterr().out)["steps"]) == STEPS
