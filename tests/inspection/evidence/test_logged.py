"""Metrics and parameters that only a run or an execution has, as Vertex's client logs them."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import Client

from inspection import open_store
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out


@pytest.fixture
def experiment(store):
    for name, rate, loss in (("e-1", 0.1, 0.5), ("e-2", 0.01, 0.25)):
        context = store.context(
            "system.ExperimentRun",
            name,
            _state="COMPLETE",
            _metrics={"loss": loss, "note": "fine"},
            _params={"learning_rate": rate, "layers": 3, "optimizer": "adam | <b>"},
        )
    store.execution(
        "system.Run",
        [context],
        name="train",
        properties={"_metrics": {"auPrc": 0.75}},
        outputs={"model": Out("google.VertexModel")},
    )
    return store


def test_questions_see_them(experiment, ask):
    assert ask("drift", "loss").startswith("loss on overall is 0.2500 in the last of 2 evaluations")
    assert ask("drift", "auprc").startswith("auPrc on overall is 0.7500")
    points = json.loads(ask("drift", "loss", "--json"))["series"][0]["points"]
    assert [(each["run_name"], each["step"], each["model"]) for each in points] == [
        ("e-1", None, None),
        ("e-2", None, 1),
    ]
    ids = [line.split()[0] for line in ask("runs", "--order", "loss").splitlines()[2:]]
    assert ids == ["r1", "r2"]
    ids = [line.split()[0] for line in ask("runs", "--order", "-learning_rate").splitlines()[2:]]
    assert ids == ["r2", "r1"]
    for condition, count in (
        ("loss<0.3", 1),
        ("layers=3", 2),
        ("run.learning_rate=0.1", 1),
        ("optimizer~adam", 2),
        ("auPrc>0.7", 1),
    ):
        said = ask("runs", "--where", condition)
        assert said.startswith(f"{count} of 2 runs"), condition
    assert "run: setting learning_rate: 0.1 → 0.01" in ask("runs")
    assert ask("diff", "e-1", "e-2").startswith(
        "run: setting learning_rate changed from 0.1 to 0.01"
    )
    assert "loss on overall" in ask("diff", "e-1", "e-2")
    said = ask("compare", "e-1", "e-2")
    assert "1 setting and" in said
    assert "the best" in said
    shown = ask("show", "e-1")
    assert "learning_rate  0.1" in shown
    assert "loss           0.5" in shown


@pytest.mark.medium
def test_pages_reports_and_python_see_them(experiment, ask):
    app = App(Source(lambda: open_history(experiment.root), Workspace(experiment.root)), ["x"])
    client = Client(app)
    run = client.get("/runs/r1", headers={"Host": "x"}).text
    assert "learning_rate" in run
    assert "adam | &lt;b&gt;" in run
    assert "loss" in client.get("/", headers={"Host": "x"}).text
    metrics = client.get("/metrics?metric=loss", headers={"Host": "x"})
    assert metrics.status_code == 200
    assert 'class="over-runs"' in metrics.text
    assert "| loss | overall | 0.5000 |" in ask("report", "e-1", "--markdown")
    page = experiment.root / "report.html"
    ask("report", "e-1", "--html", str(page))
    assert "learning_rate" in page.read_text()
    opened = open_store(experiment.root)
    assert opened.drift("loss").to_pandas()["value"].tolist() == [0.5, 0.25]
    assert [line.name for line in opened.runs(order="loss").lines] == ["e-1", "e-2"]


def test_a_metric_that_a_step_and_its_run_logged_is_one(experiment, ask):
    context = experiment.context("system.ExperimentRun", "e-3", _metrics={"loss": 0.2})
    experiment.execution(
        "system.Run", [context], outputs={"metrics": Out("system.Metrics", {"loss": 0.2})}
    )
    points = json.loads(ask("drift", "loss", "--json"))["series"][0]["points"]
    assert [each["run_name"] for each in points] == ["e-1", "e-2", "e-3"]
    assert points[-1]["step"] == 2


def test_metrics_beside_a_blessing_are_read(store, ask):
    run = store.run("p", "1")
    model = run.node("Trainer", {}, {"model": Out("Model")})
    found = {
        "blessing": Out("ModelBlessing", {"blessed": 1}),
        "metrics": Out("system.Metrics", {"acc": 0.5}),
    }
    run.node("Evaluator", model, found)
    assert ask("drift", "acc").startswith("acc on overall is 0.5000 in the last of 1 evaluation")


@pytest.mark.parametrize("value", ["[1, 2]", "no JSON", "", {"loss": "NaN"}])
def test_what_is_no_struct_of_numbers_is_no_metric(store, ask, value):
    store.context("system.ExperimentRun", "e", _metrics=value, _params=value)
    ask("runs", "--where", "seed=1", code=1)
    ask("show", "latest")
    ask("drift", "loss", code=1)
