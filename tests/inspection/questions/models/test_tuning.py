"""What a search for settings found, asked later."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.tuning import Dimension, Trial, Tuning
from documents.writer import write
from inspection.__main__ import main
from tests.inspection.store_writer import Out, StoreWriter
from tests.inspection.web.pages_shown import explore

FOUND = Tuning(
    metric="AUC",
    higher_is_better=True,
    examples=100,
    dimensions=(Dimension(key="training.dropout", kind="number", low=0.0, high=0.5),),
    trials=(
        Trial(number=0, values={"training.dropout": None}, state="done", value=0.8),
        Trial(number=1, values={"training.dropout": 0.25}, state="done", value=0.9),
        Trial(number=2, values={"training.dropout": 0.5}, state="stopped", value=0.95),
        Trial(number=3, values={"training.dropout": 0.1}, state="failed", reason="it <b>diverged"),
    ),
    best=1,
    headline="Trial 1 of 4 trials is better.",
)


@pytest.fixture
def folder(store) -> Path:
    context = store.context("pipeline", "own")
    _, outputs = store.execution("Tuner", [context], outputs={"tuner_results": Out("TunerResults")})
    [artifact] = store.client.get_artifacts_by_id([outputs["tuner_results"]])
    write(FOUND, str(Path(artifact.uri) / Tuning.FILE))
    (Path(artifact.uri) / Tuning.PAGE).write_text("<h1>All of it</h1>")
    return Path(artifact.uri)


def ask(store: StoreWriter, capsys) -> str:
    assert main(["tuning", "--store", str(store.root)]) == 0
    return capsys.readouterr().out


def test_the_best_trial_comes_first_and_what_did_not_end_last(store, folder, capsys):
    lines = ask(store, capsys).splitlines()

    assert lines[0] == "Trial 1 of 4 trials is better."
    trials = [line.split()[0] for line in lines if line.strip()[:1].isdigit()]
    assert trials == ["1", "0", "2", "3"]


def test_says_how_to_make_one_and_that_one_is_damaged(store, capsys):
    store.context("pipeline", "own")
    assert "local_runner.py tune" in ask(store, capsys)


def test_a_damaged_file_is_a_sentence(store, folder, capsys):
    (folder / Tuning.FILE).write_text("{")

    assert "gone or damaged" in ask(store, capsys)


def test_the_artifact_has_a_table_and_the_page_of_the_search(store, folder):
    client = explore(store.root)
    page = client.get("/artifacts/a1").text

    assert "Trial 1 of 4 trials is better." in page
    assert "it &lt;b&gt;diverged" in page
    assert "All of it" in client.get("/artifacts/a1/report").text
