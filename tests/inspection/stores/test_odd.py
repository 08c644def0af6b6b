"""A store of everything that a client may write and no pipeline does: no trace on any way to it."""

from __future__ import annotations

import contextlib
import io
import sqlite3

import pytest
from werkzeug.test import Client

from inspection.__main__ import main
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out, StoreWriter

UGLY = "naïve \u202e\x1b[31m <b>'\"%s{{x}} \N{PILE OF POO}"
HUGE = "x" * 300_000


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    store = StoreWriter(tmp_path_factory.mktemp("odd") / "root")
    run = store.run(" ", UGLY)
    made = run.node(
        UGLY,
        {},
        {"": Out("Model", {UGLY: UGLY, "huge": HUGE, "pushed": 1}, uri="/nowhere/" + UGLY)},
        type=" ",
        huge=HUGE,
    )
    model = made[""]
    # One that reads what it writes, and two that feed each other.
    run.node("Loop", {"model": model}, {"model": model})
    other = run.node("There", {"model": model}, {"again": Out("Model", {})})["again"]
    run.node("Back", {"model": other}, {"model": model})
    run.node("Evaluator", {"model": model}, {"blessing": Out("ModelBlessing", {"blessed": "no"})})
    odd = {"pushed": 1, "pushed_version": "9" * 40, "pushed_destination": "///"}
    run.node("Pusher", {"model": model}, {"pushed": Out("PushedModel", odd)})
    numbers = {"accuracy": 0.5, "loss": 1.5, "auc": 1e308, "big": 2**62}
    run.node("Metrics", {}, {"metrics": Out("system.Metrics", numbers, name=UGLY)})
    run.node("Statistics", {}, {"statistics": Out("ExampleStatistics", {}, uri="")})
    run.node("Examples", {}, {"examples": Out("Examples", {"span": "not a number"})})
    store.run("p", "  ").node("Trainer", {}, {}, state="canceled")
    store.execution("lonely", [], state="running", outputs={"x": Out(" ", {}, uri="s3://b/k")})
    store.context("pipeline_run", "empty")
    with sqlite3.connect(store.root / "metadata.db") as file:
        file.execute("UPDATE Event SET milliseconds_since_epoch = NULL")
        file.execute("UPDATE Execution SET create_time_since_epoch = 0 WHERE id % 3 = 0")
        file.execute("UPDATE Execution SET last_update_time_since_epoch = 1 WHERE id % 3 = 1")
        file.execute("UPDATE Artifact SET create_time_since_epoch = 9000000000000000 WHERE id = 2")
        file.execute("DELETE FROM EventPath WHERE event_id % 2 = 0")
        file.execute("UPDATE ArtifactProperty SET double_value = 9e999 WHERE name = 'loss'")
        file.execute("UPDATE Event SET type = 99 WHERE id = 5")
    file.close()
    return store.root


@pytest.fixture(scope="module")
def history(root):
    return open_history(root)


def names(history):
    found = [f"r{id}" for id in history.runs] + [f"s{id}" for id in history.steps]
    return [*found, *(f"a{id}" for id in history.artifacts), "latest", "Trainer", UGLY]


COMMANDS = (
    *("runs", "runs --all --where accuracy>0", "runs --order accuracy", "serving", "variants"),
    *("gc --dry-run", "export", "list executions", "list artifacts", "list contexts"),
    *("list types", "drift accuracy", "drift loss", "compare latest latest~1 latest~2"),
)
OF_ONE = ("show", "examples", "why", "lineage", "origin", "rebuild", "note", "report --markdown")


def ask(root, *arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*arguments, "--store", str(root)])
    text = out.getvalue() + err.getvalue()
    assert code in (0, 1, 3), (arguments, code, text)
    assert "Traceback" not in text, arguments
    assert "\x1b" not in text, arguments
    assert "\u202e" not in text, arguments
    return text


@pytest.mark.medium
def test_every_command(root, history):
    for command in COMMANDS:
        ask(root, *command.split())
        ask(root, *command.split(), "--json")
    for command in OF_ONE:
        first, *rest = command.split()
        for name in names(history):
            ask(root, first, name, *rest)


@pytest.mark.medium
def test_every_page(root, history):
    client = Client(App(Source(lambda: open_history(root), Workspace(root)), ["localhost"]))
    pages = ["/", "/serving", "/metrics", "/metrics?metric=loss", "/models", "/garbage"]
    pages += ["/search?q=x", "/browse/artifacts", "/browse/types", "/browse/contexts"]
    pages += ["/compare?run=latest&run=latest~1&run=latest~2", "/?order=accuracy"]
    pages += [f"/runs/r{id}" for id in history.runs]
    pages += [f"/runs/r{id}/report" for id in history.runs]
    pages += [f"/steps/s{id}{more}" for id in history.steps for more in ("", "/evaluation")]
    more = ("", "?reach=down", "/files", "/statistics", "/examples", "/mistakes", "/report")
    pages += [f"/artifacts/a{id}{each}" for id in history.artifacts for each in more]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code in (200, 404), (page, answer.status_code)
        assert "\x1b" not in answer.text, page
