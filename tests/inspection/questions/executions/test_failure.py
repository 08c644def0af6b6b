"""Why a step failed, where the run went on, and where only the store says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from werkzeug.test import Client

import inspection
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out, StoreWriter

# As TFX's launcher records it of a resolver that found nothing.
TRACE = """Traceback (most recent call last):

  File "/opt/venv/lib/python3.10/site-packages/tfx/orchestration/resolver.py", line 75, in run
    resolved = resolve()

tfx.orchestration.portable.input_resolution.exceptions.InputResolutionError: warm <b>: None.
"""
SAID = "warm (s1) failed in run 1: warm <b>: None."


@pytest.fixture
def store(memory_path: Path) -> StoreWriter:
    store = StoreWriter(memory_path / "root")
    run = store.run("p", "1")
    result = json.dumps({"resultMessage": TRACE, "code": 2})
    run.node("warm", {}, {}, state="failed", __execution_result__=result)
    # Nothing depended on it.
    made = run.node("Trainer", {}, {"model": Out("Model")})
    told = {"pushed": 1, "pushed_destination": str(store.root / "serving" / "p" / "7")}
    run.node("Pusher", made, {"pushed_model": Out("PushedModel", told)})
    return store


def test_a_step_that_failed_answers_for_itself(store, ask):
    assert ask("why", "s1", code=1).startswith(SAID)
    assert inspection.open_store(store.root).why("s1").headline == SAID
    source = Source(lambda: open_history(store.root), Workspace(store.root))
    page = Client(App(source, ["localhost"])).get("/steps/s1").text
    assert "failed in run 1: warm &lt;b&gt;: None." in page
    assert "version 7" in ask("why", "latest")


@pytest.mark.parametrize("result", ["", "no JSON", "[]", '{"resultMessage": 7}'])
def test_what_is_no_result_says_nothing(store, ask, result):
    run = store.run("p", "2")
    run.node("Gen", {}, {}, state="failed", __execution_result__=result)
    assert ask("why", "Gen", code=1).startswith("Gen (s4) failed in run 2; its log is not here.")


def test_a_version_without_its_model_is_not_said_to_be_gone(store, ask):
    (store.root / "serving" / "p" / "7").mkdir(parents=True)
    assert ask("why", "a1").startswith(
        f"Model a1 was pushed as version 7, whose folder in {store.root}/serving/p holds no "
        "saved_model.pb."
    )
