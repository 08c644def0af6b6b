"""One fate per model, whatever shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import Client

from inspection.__main__ import main
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from serving.base_path.withdrawal import restore, rollback, withdraw
from tests.inspection.store_writer import Out, StoreWriter, publish, stock_run

Told = Callable[[int], str]


@pytest.fixture
def base(store: StoreWriter) -> Path:
    return store.root / "serving" / "taxi"


@pytest.fixture
def fate(store: StoreWriter, capsys) -> Callable[[dict[str, int]], tuple[str, str]]:
    """The word that every place has for a model, and the sentence about it."""

    def ask(found: dict[str, int]) -> tuple[str, str]:
        model = f"a{found['model']}"
        main(["why", model, "--json", "--store", str(store.root)])
        answer = json.loads(capsys.readouterr().out)
        word = answer["fate"].replace("_", " ")
        main(["show", model, "--store", str(store.root)])
        assert capsys.readouterr().out.startswith(f"Model {model}, {word}: ")
        main(["runs", "--json", "--all", "--store", str(store.root)])
        lines = {line["model"]: line for line in json.loads(capsys.readouterr().out)["lines"]}
        assert lines[found["model"]]["fate"].replace("_", " ") == word
        source = Source(lambda: open_history(store.root), Workspace(store.root))
        client = Client(App(source, ["localhost"]))
        for page in ("/", "/models", f"/artifacts/{model}"):
            assert f">{word}</span>" in client.get(page).text, page
        if "pushed_model" in found:
            pushed = client.get(f"/artifacts/a{found['pushed_model']}").text
            assert word == "refused" or f">{word}</span>" in pushed
            drawn = client.get(f"/artifacts/{model}").text
            assert f"{model} · {word}" in drawn
        return word, answer["answer"]

    return ask


@pytest.mark.medium
def test_live_then_superseded_then_live_again_then_both_taken_back(store, base, fate):
    first = stock_run(store, "taxi", "1", base=base, version="1")
    assert fate(first)[0] == "live"
    second = stock_run(store, "taxi", "2", base=base, version="2")
    assert fate(first)[0] == "superseded"
    assert "superseded by version 2." in fate(first)[1]
    assert fate(second)[0] == "live"
    rollback(base, reason="too slow")
    assert fate(second)[0] == "rolled back"
    assert "and rolled back at 20" in fate(second)[1]
    assert fate(second)[1].endswith(": too slow.")
    assert fate(first)[0] == "live"
    restore(base, 2)
    assert fate(second)[0] == "live"
    withdraw(base, 2, reason="wrong data")
    word, said = fate(second)
    assert word == "withdrawn"
    assert said.endswith(": wrong data.")


def test_refused_by_whom(store, base, fate):
    refused = stock_run(store, "taxi", "1", base=base, blessed=False)
    word, said = fate(refused)
    assert word == "refused"
    assert "Evaluator" in said


def test_a_live_model_that_a_later_run_only_found_is_live(store, base, fate):
    live = stock_run(store, "taxi", "1", base=base)
    run = store.run("taxi", "2")
    run.node("Pusher", {"model": live["model"]}, {"pushed_model": live["pushed_model"]},
             state="cached")  # fmt: skip
    assert fate(live)[0] == "live"


def test_what_a_model_server_did_not_confirm_is_withdrawn_with_its_version(store, base, capsys):
    live = stock_run(store, "taxi", "1", base=base, version="1")
    run = store.run("taxi", "2")
    model = run.node("Trainer", {}, {"model": Out("Model")})
    run.node(
        "Pusher",
        model,
        {
            "pushed_model": Out(
                "PushedModel",
                {
                    "pushed": 0,
                    "outcome": "withdrawn",
                    "pushed_destination": f"{base}/2",
                    "pushed_version": "2",
                    "reason": "nobody serves it",
                },
            )
        },
    )
    for name in (f"a{model['model']}", "2", "latest"):
        assert main(["why", name, "--store", str(store.root)]) == 3
        said = capsys.readouterr().out.splitlines()[0]
        assert said.startswith(f"Model a{model['model']} was pushed as version 2")
        assert "and withdrawn" in said
        assert said.endswith(": nobody serves it.")
    assert main(["why", str(live["model"] and "1"), "--store", str(store.root)]) == 0
    assert "is live as version 1" in capsys.readouterr().out


def test_a_version_that_somebody_removed_by_hand(store, base, fate):
    import shutil

    only = stock_run(store, "taxi", "1", base=base, version="1")
    publish(base, "9")
    shutil.rmtree(base / "1")
    word, said = fate(only)
    assert word == "removed"
    assert "no longer in" in said


@pytest.mark.medium
def test_where_the_base_path_is_not_at_hand_nobody_claims_to_know(store, fate):
    first = stock_run(store, "taxi", "1", base="gs://bucket/taxi", version="1")
    assert fate(first)[0] == "pushed"
    assert "only gs://bucket/taxi says, which is not at hand" in fate(first)[1]
    stock_run(store, "taxi", "2", base="gs://bucket/taxi", version="2")
    assert fate(first)[0] == "superseded"
