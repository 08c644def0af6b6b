"""Stores that neither this project nor TFX wrote, told as what they are."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import time

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd
from werkzeug.test import Client

from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out, publish, stock_run
from tests.inspection.stores.foreign import kubeflow, vertex

MODEL, METRICS, DATASET = (
    mlmd.ArtifactType.MODEL,
    mlmd.ArtifactType.METRICS,
    mlmd.ArtifactType.DATASET,
)


@pytest.fixture
def get(store):
    source = Source(lambda: open_history(store.root), Workspace(store.root))
    client = Client(App(source, ["localhost"]))

    def page(path: str) -> str:
        found = client.get(path)
        assert found.status_code == 200, path
        return found.text

    return page


def test_a_pipeline_without_a_pusher_is_complete(store, ask):
    stock_run(store, "taxi", "1", base=None)
    assert "the last one, 1, is complete: its pipeline has no Pusher." in ask("runs")
    assert " complete " in ask("runs").splitlines()[-1]
    assert "is not pushed: its pipeline has no Pusher." in ask("why", "latest")


def test_of_several_pipelines_each_line_says_which_it_is_of(store, ask, get):
    stock_run(store, "taxi", "1", base=None)
    assert "pipeline" not in ask("runs").splitlines()[1]
    stock_run(store, "penguin", "2", base=None)
    stock_run(store, "bird", "2", base=None)
    said = ask("runs").splitlines()
    assert said[1].endswith("pipeline")
    # Two that named their run alike share one in ML Metadata.
    assert [line.split("  ")[-1] for line in said[2:]] == ["penguin and bird", "taxi"]
    assert len(ask("runs", "--pipeline", "bird").splitlines()) == 3
    assert "penguin and bird" in get("/")


def test_each_base_path_has_its_own_pushes(store, ask, get):
    for place, versions in (("a", "12"), ("b", "3")):
        for version in versions:
            base = store.root / "serving" / place / "model"
            stock_run(store, place, f"{place}{version}", base=base, version=version)
    stock_run(store, "cloud", "c1", base="gs://bucket/model", version="9")
    first, *rest = ask("serving").splitlines()
    assert first.startswith(f"{store.root}/serving/a/model: Version 2 is live, since ")
    [second] = [line for line in rest if f"{store.root}/serving/b/model: Version 3" in line]
    assert [line.split()[3:5] for line in rest[: rest.index(second)]][1:] == [
        ["publish", "1"],
        ["publish", "2"],
    ]
    # Of what is not at hand the store tells.
    [third] = [line for line in rest if line.startswith("gs://bucket/model: Version 9 is live")]
    assert rest[rest.index(third) + 1].startswith("warning: Only the store was asked")
    named = ask("serving", "--base-path", str(store.root / "serving" / "b" / "model"))
    assert named.startswith("Version 3 is live")
    assert "gs://" not in named
    page = get("/serving")
    assert "gs://bucket/model" in page
    # Two base paths of one name: each version has its own page.
    [link] = re.findall(r'/serving/model/3[^"]*', page)
    assert "Version 3" in get(html.unescape(link)) or "version 3" in get(html.unescape(link))
    assert get(f"/serving/model/2?in={store.root}/serving/a/model")


def test_a_model_in_two_base_paths_has_its_fate_in_each(store, ask, get):
    shop, lab = store.root / "serving" / "shop", store.root / "serving" / "lab"
    found = stock_run(store, "taxi", "1", base=lab, version="1")
    publish(shop, "1")
    told = {"pushed": 1, "pushed_destination": f"{shop}/1", "pushed_version": "1"}
    given = {"model": found["model"], "model_blessing": found["blessing"]}
    store.run("taxi", "1").node("Pusher", given, {"pushed_model": Out("PushedModel", told)})
    stock_run(store, "taxi", "2", base=shop, version="2")
    said = ask("why", f"a{found['model']}")
    assert said.startswith(f"In {lab} model a{found['model']} is live as version 1")
    assert f"In {shop} it was pushed as version 1" in said
    assert "superseded by version 2" in said.splitlines()[0]
    assert ask("runs").splitlines()[-1].split()[7:9] == ["1", "live"]
    assert f"In {lab} " in ask("show", "latest~1")
    assert str(shop) in get(f"/artifacts/a{found['model']}")


def test_every_id_on_a_steps_page_is_a_link(store, get):
    run = store.run("p", "1")
    first = run.node("Gen", {}, {"examples": Out("Examples")})
    run.node("Trainer", first, {})
    second = run.node("Gen", {}, {"examples": Out("Examples")})
    run.node("Trainer", second, {})
    page = get("/steps/s4")
    for id, kind in (("s2", "steps"), ("s3", "steps"), ("a1", "artifacts"), ("a2", "artifacts")):
        assert f'href="/{kind}/{id}"' in page, id
    assert '<th><a class="id" href="/steps/s2">s2</a></th>' in page


def test_without_a_ledger_it_is_the_store_that_disk_is_held_against(store, ask):
    base = store.root / "serving" / "taxi"
    stock_run(store, "taxi", "1", base=base, version="5")
    (base / "6").symlink_to(base / "5")
    assert "warning: The store says that version 5 is live, but on disk it is version 6" in ask(
        "serving"
    )


def test_a_push_by_a_clock_that_is_ahead_has_no_age(store, ask):
    stock_run(store, "taxi", "1", base=store.root / "serving" / "taxi")
    with sqlite3.connect(store.root / "metadata.db") as file:
        file.execute("UPDATE Artifact SET create_time_since_epoch = 9000000000000")
    file.close()
    assert ask("serving").splitlines()[0].endswith("is live, since 2255-03-14 16:00:00 UTC.")


def test_an_outcome_in_words_of_others_is_what_pushed_says(store, ask):
    run = store.run("p", "r")
    model = run.node("Trainer", {}, {"model": Out("Model")})
    told = {"outcome": "fine", "pushed": 1, "pushed_version": "7", "pushed_destination": "/x/7"}
    run.node("Pusher", model, {"pushed": Out("PushedModel", told)})
    assert "pushed version 7" in ask("runs")
    assert ask("serving").startswith("Version 7 is live")


def test_of_nested_graphs_the_node_is_named(store, ask, get):
    kubeflow(store, failing=True)
    said = ask("runs")
    assert " 1 complete, 1 failed  " in said
    assert "did not finish: for-each[1]/train (s6) failed." in said
    assert "nested" in json.loads(ask("runs", "--json"))["lines"][0]["pipeline"]
    assert "for-each[1]/train (s6) failed" in ask("why", "latest", code=1)
    run = next(iter(open_history(store.root).runs))
    text = get(f"/runs/r{run}")
    assert "for-each[0]/train" in text
    assert "loop" not in text.split("<svg")[1].split("</svg>")[0]


def test_kubeflows_metrics_are_metrics(store, ask, get):
    kubeflow(store, failing=False)
    assert ask("drift", "auc").startswith("auc on overall is 0.7500 in the last of 2 evaluations")
    text = get("/steps/s6/evaluation")
    assert "0.75" in text
    assert "dog as cat: 20.0 %" in text
    assert "What it found" in get("/steps/s6")
    assert "auc" in get("/metrics")
    # Artifacts have no name of their own there, but one to be shown.
    assert ask("show", "model-1").startswith("system.Model a4")


def test_vertex_has_experiments_and_names_its_executions(store, ask, get):
    vertex(store)
    assert "1 run; the last one, fraud-run-1, is complete" in ask("runs")
    assert json.loads(ask("runs", "--json"))["lines"][0]["pipeline"] == "fraud"
    assert ask("show", "fraud-run-1-training").startswith("fraud-run-1-training (s1)")
    assert "auPrc on overall is 0.9000" in ask("drift", "auprc")
    assert "google.VertexModel" in get("/models") or "a1" in get("/models")


@pytest.mark.medium
@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"_state": "COMPLETE"}, "is complete: it was logged without executions"),
        ({"_state": "FAILED"}, "did not finish: it says that it failed"),
        ({"_state": "RUNNING"}, "fraud-run-2 is running"),
        ({"_metrics": {"auPrc": 0.9}}, "may have finished: it was logged without executions"),
    ],
)
def test_an_experiment_that_only_logged_metrics_is_not_unfinished(
    store, ask, get, properties, said
):
    experiment = store.context("system.Experiment", "fraud")
    run = store.context("system.ExperimentRun", "fraud-run-2", **properties)
    store.client.put_parent_contexts([mlmd.ParentContext(child_id=run, parent_id=experiment)])
    assert said in ask("runs")
    failed = properties.get("_state") == "FAILED"
    why = ask("why", "latest", code=1 if failed else 0)
    assert ("fraud-run-2 failed, as it says" in why) == failed
    assert "did not fail" not in why
    for answer in (ask("runs"), why, ask("show", "latest"), get(f"/runs/r{run}")):
        assert "unfinished" not in answer


def test_a_type_that_is_declared_a_model_is_one(store, ask):
    run = store.run("own", "1")
    made = run.node("Fit", {}, {"out": Out("ForestModel", base=MODEL)}, type="Fit")
    run.node(
        "Judge",
        {"candidate": made["out"]},
        {"scores": Out("Scores", {"auc": 0.75}, base=METRICS)},
        type="Judge",
    )
    assert "Model a1 is not pushed" in ask("why", "a1")
    assert "auc on overall is 0.7500" in ask("drift", "auc")
    answer = json.loads(ask("drift", "auc", "--json"))
    assert answer["series"][0]["points"][0]["model"] == 1


def test_what_belongs_to_no_run_can_still_be_looked_through(store, ask, get):
    own = store.context("my_experiment", "number one")
    store.execution(
        "Training", [own], outputs={"made": Out("Weights", base=DATASET), "log": Out("Log", uri="")}
    )
    store.execution("Training", [])
    assert ask("runs").startswith("No runs: the store has 2 executions outside any run; ")
    said = ask("list", "executions")
    assert said.startswith("The store has 2 executions.\n")
    assert "Training" in said
    assert "Weights" in ask("list", "artifacts", "--type", "Weights")
    assert "Log" not in ask("list", "artifacts", "--type", "Weights").splitlines()[-1]
    assert "number one" in ask("list", "contexts")
    assert "1 execution" in ask("list", "contexts")
    assert "my_experiment" in ask("list", "types")
    first = get("/")
    assert 'href="/browse/executions"' in first
    assert 'href="/steps/s2"' in get("/browse/executions")
    assert 'href="/artifacts/a1"' in get("/browse/artifacts?type=Weights")
    assert "/artifacts/a2" not in get("/browse/artifacts?type=Weights")
    assert "number one" in get("/browse/contexts")
    for page in ("/browse/types", "/models", "/metrics", "/garbage", "/serving", "/artifacts/a2"):
        get(page)


def test_two_paths_that_changed_at_their_end_are_told_apart(store, ask):
    for place in ("first", "second"):
        stock_run(store, "taxi", place, base=f"/a/folder/of/many/names/{place}", blessed=False)
    assert "base_directory: …ny/names/first → …ny/names/second" in ask("runs")


def test_a_time_before_there_were_computers_is_none(store, ask):
    stock_run(store, "taxi", "1", base=None)
    with sqlite3.connect(store.root / "metadata.db") as file:
        file.execute("UPDATE Execution SET create_time_since_epoch = -5 WHERE id = 2")
    file.close()
    [line] = json.loads(ask("runs", "--json"))["lines"]
    assert 0 <= line["seconds"] < 60


def test_an_empty_store_says_so(store, ask, get):
    assert ask("list", "artifacts") == "The store has no artifacts.\n"
    for page in ("/", "/browse/contexts", "/browse/executions"):
        get(page)


def test_a_lineage_that_goes_round_ends(store, ask, get):
    """Nobody should write one, but nothing in ML Metadata forbids it."""
    _, first = store.execution("A", [], outputs={"x": Out("X")})
    _, second = store.execution("B", [], inputs={"x": first["x"]}, outputs={"y": Out("Y")})
    store.execution("C", [], inputs={"y": second["y"]}, outputs={"x": first["x"]})
    assert "3 steps and 2 artifacts" in ask("lineage", "a1")
    get("/artifacts/a1")


def test_a_push_by_a_clock_that_is_ahead_has_happened_all_the_same(store, ask):
    """One way to say what is live, whatever is asked: `serving`, `runs` and `why` agree."""
    for number in (1700000001, 1700000002):
        run = store.run("own", str(number))
        model = run.node("Trainer", {}, {"model": Out("Model")})["model"]
        told = {"pushed": 1, "pushed_destination": f"/elsewhere/own/{number}"}
        run.node("Pusher", {"model": model}, {"pushed": Out("PushedModel", told)})
    with sqlite3.connect(store.root / "metadata.db") as file:
        for id, seconds in ((2, -3600), (4, 600)):
            at = int((time.time() + seconds) * 1000)
            file.execute("UPDATE Artifact SET create_time_since_epoch = ? WHERE id = ?", (at, id))
    file.close()
    assert ask("serving").startswith("Version 1700000002 is live")
    assert "superseded by version 1700000002" in ask("why", "1700000001", code=0)
    assert "1700000001 was live at" in ask("serving", "--at", "30m ago")


def test_a_clock_that_was_set_back_changes_neither_order_nor_makes_times_negative(store, ask, get):
    base = store.root / "serving" / "m"
    for version in ("1700000001", "1700000002"):
        stock_run(store, "taxi", version, base=base, version=version)
    with sqlite3.connect(store.root / "metadata.db") as file:
        day = 86_400_000
        for table in ("Artifact", "Execution"):
            file.execute(
                f"UPDATE {table} SET create_time_since_epoch = create_time_since_epoch - {day}, "
                f"last_update_time_since_epoch = last_update_time_since_epoch - 2 * {day} "
                f"WHERE id > (SELECT max(id) / 2 FROM {table})"
            )
    file.close()
    said = ask("serving")
    assert said.startswith("Version 1700000002 is live")
    assert "by hand" not in said
    assert "1700000001 → 1700000002" in said
    assert "superseded by version 1700000002" in ask("why", "1700000001")
    for answer in (
        *(ask(*command.split()) for command in ("runs", "show latest", "show Trainer")),
        ask("report", "latest", "--markdown"),
    ):
        assert not re.search(r"(?<![\w-])-\d+(\.\d+)? s", answer)
    assert not re.search(r">\s*-\d+(\.\d+)? (s|min|h)\b", get("/") + get("/steps/s12"))


def test_a_failed_execution_outside_any_run_is_told_of(store, ask):
    store.execution("my.Train", [], state="failed")
    store.execution("my.Watch", [], state="running")
    assert ask("why", "s1", code=1).startswith("Train (s1) failed; the store says of no run")
    assert ask("why", "Watch").startswith("Watch (s2) is running; ")
