"""A store of TFX's own example, without any component of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client

from inspection.__main__ import main
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from pipeline.settings import REPOSITORY
from tests.e2e import warm
from tests.there import there

pytestmark = [pytest.mark.slow, pytest.mark.extended]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taxi")
    ran = warm.run(["-m", "tests.inspection.taxi", folder], cwd=REPOSITORY)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return folder


@pytest.fixture
def ask(root, capsys):
    def run(*arguments: str, code: int = 0) -> str:
        found = main([*arguments, "--store", str(root)])
        captured = capsys.readouterr()
        assert found == code, captured.err
        return captured.out or captured.err

    return run


def test_every_question_has_an_answer(ask, tmp_path):
    assert " pushed version " in ask("runs")
    assert "Model a" in ask("why", "latest")
    assert "no earlier execution of Trainer succeeded" in ask("why", "Trainer")
    assert "PushedModel" in ask("lineage", "CsvExampleGen", "--down", "--mermaid")
    assert "is live, since" in ask("serving")
    assert "binary_accuracy on overall is 0." in ask("drift", "BinaryAccuracy")
    assert "Nothing can be deleted" in ask("gc", "--dry-run")
    assert "SchemaGen" in ask("show", "latest")
    assert "Wrote " in ask("report", "latest", "--html", str(tmp_path / "report.html"))
    assert "Trainer" in (tmp_path / "report.html").read_text()


def test_what_stock_components_do_not_record_is_named(ask):
    said = ask("rebuild", "latest", code=1)
    assert "no hash of the code that made it is recorded" in said
    assert "has no fingerprint" not in said


def test_the_data_that_came_in_is_told_from_what_transform_made_of_it(root):
    from inspection.history.ids import resolve_run
    from inspection.questions.models.models import candidate
    from inspection.questions.models.origin import origin_of_model

    history = open_history(str(root))
    model = there(candidate(history, resolve_run(history, "latest")))
    [data] = origin_of_model(history, model, Workspace(root)).data
    assert data.artifact == 1
    assert there(data.source).endswith("data/simple")


def test_every_page_is_there(root):
    workspace = Workspace(root)
    source = Source(lambda: open_history(str(root)), workspace)
    history, client = source.now().history, Client(App(source, ["localhost"]))
    paths = ["/", "/serving", "/metrics", "/models", "/garbage", "/search?q=taxi"]
    paths += [f"/runs/r{id}" for id in history.runs] + [f"/steps/s{id}" for id in history.steps]
    paths += [f"/artifacts/a{id}" for id in history.artifacts]
    statistics = [
        f"/artifacts/a{artifact.id}/statistics"
        for artifact in history.artifacts.values()
        if artifact.type == "ExampleStatistics"
    ]
    assert len(statistics) == 3
    for path in (*paths, *statistics, "/steps/s8/evaluation"):
        assert client.get(path).status_code == 200, path
    assert "Jensen-Shannon" in client.get(statistics[0]).text
    assert "Taxi Affiliation Services" in client.get(statistics[0]).text
