"""What a model answered worst: asked in the terminal, in Python, in the browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import inspection
from documents.mistakes import Mistake, Mistakes
from documents.writer import write
from inspection.__main__ import main
from tests.inspection.store_writer import Out, StoreWriter
from tests.inspection.web.test_app import explore

tf = pytest.importorskip("tensorflow")


def example(label: int, city: bytes, image: bytes) -> bytes:
    return tf.train.Example(
        features=tf.train.Features(
            feature={
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
                "city": tf.train.Feature(bytes_list=tf.train.BytesList(value=[city])),
                "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
            }
        )
    ).SerializeToString()


FEATURES = {
    "features": [
        {"name": "city", "kind": "category"},
        {"name": "image", "kind": "image", "options": {"size": [2, 2], "channels": 1}},
    ],
    "label": {"name": "label", "kind": "classes", "values": ["shirt", "shoe"]},
}
WORST = Mistakes(
    split="eval",
    examples=20,
    wrong=3,
    kind="classes",
    worst=(
        Mistake(place=15, answer="shirt 0.99", label="shoe", wrongness=0.99, label_score=0.01),
        Mistake(place=2, answer="shoe 0.75", label="shirt", wrongness=0.75, label_score=0.25),
        Mistake(place=7, answer="shirt 0.60", label="shoe", wrongness=0.6, label_score=0.4),
    ),
)


@pytest.fixture
def root(memory_path: Path) -> Path:
    """Two artifacts of examples, of which the tenth row is the first of the second one."""
    store = StoreWriter(memory_path / "root")
    run = store.run("own", "first")
    names = ("first", "second")
    data = run.node("ExampleGen", {}, {name: Out("Examples", {}) for name in names})
    for number, name in enumerate(names):
        [artifact] = store.client.get_artifacts_by_id([data[name]])
        folder = Path(artifact.uri, "Split-eval")
        folder.mkdir()
        Path(artifact.uri, "features.json").write_text(json.dumps(FEATURES))
        with tf.io.TFRecordWriter(str(folder / "data")) as writer:
            for row in range(number * 10, number * 10 + 10):
                writer.write(example(row % 2, b"Rome" if row > 9 else b"Bonn", bytes([row] * 4)))
    made = run.node("Trainer", {"examples": [*data.values()]}, {"model": Out("Model", {})})
    run.node("Trainer", {"examples": data["first"]}, {"model": Out("Model", {})})
    [model] = store.client.get_artifacts_by_id([made["model"]])
    write(WORST, str(Path(model.uri) / Mistakes.FILE))
    judged = run.node(
        "Evaluator", {"model": made["model"]}, {"blessing": Out("ModelBlessing", {"blessed": 0})}
    )
    [blessing] = store.client.get_artifacts_by_id([judged["blessing"]])
    rows = [
        {"metric": "Accuracy", "slice": name, "value": 0.5, "lower_bound": 0.4, "ok": ok}
        for name, ok in (("overall", False), ("city=Rome", False), ("city=Bonn", True))
    ]
    Path(blessing.uri, "verdict.json").write_text(json.dumps({"blessed": False, "metrics": rows}))
    return store.root


@pytest.fixture
def ask(root, capsys):
    def run(*arguments: str, code: int = 0) -> str:
        assert main(["examples", *arguments, "--store", str(root)]) == code
        out, err = capsys.readouterr()
        return out or err

    return run


def test_the_worst_answers_with_scores_and_the_rows_themselves(ask):
    lines = ask("a3").splitlines()
    assert lines[0] == (
        "a3 answered 3 of 20 eval examples wrong (15.0%); row 15 is shoe, answered shirt 0.99."
    )
    assert lines[1].split() == [
        "row",
        "answer",
        "is",
        "given",
        "to",
        "it",
        "label",
        "city",
        "image",
    ]
    assert lines[2].split()[:7] == ["15", "shirt", "0.99", "shoe", "0.010", "shoe", "(1)"]
    assert "Rome" in lines[2]
    assert "Bonn" in lines[3]
    assert lines[-1] == (
        "fell: city=Rome; see `python -m inspection examples a3 --slice city=Rome`"
    )


@pytest.mark.parametrize(
    ("slice", "places"),
    [("city=Bonn", [2, 7]), ("label=shoe", [15, 7]), ("label=1,city=Bonn", [7]), ("city=x", [])],
)
def test_those_of_a_slice(ask, slice, places):
    found = json.loads(ask("a3", "--slice", slice, "--json"))
    assert [each["row"] for each in found["lines"]] == places
    assert f"{len(places)} rows are of {slice}" in found["answer"]


def test_how_many_there_are_is_told_whatever_is_shown(ask):
    text = ask("a3", "--slice", "label=shoe", "--last", "1")
    assert "2 rows are of label=shoe" in text.splitlines()[0]
    assert len(text.splitlines()) == 4  # headline, header, one row, what fell


def test_a_model_of_which_nothing_was_kept_says_so(ask):
    assert "was not kept" in ask("a4", code=1)


def test_rows_of_the_data(ask):
    text = ask("a2", "--slice", "label=shoe", "--last", "2")
    assert text.startswith("2 rows with label=shoe of the first 4 of split eval of a2.")
    assert "has eval." in ask("a2", "--split", "test", code=1)
    assert "--split eval is of an artifact of examples" in ask("a3", "--split", "eval", code=1)


def test_in_python(root):
    answer = inspection.open_store(root).mistakes("a3", "city=Bonn")
    assert answer.to_pandas()["row"].tolist() == [2, 7]


def test_in_the_browser(root):
    client = explore(root)
    for page in ("/artifacts/a3", "/steps/s4/evaluation"):
        assert 'href="/artifacts/a3/mistakes"' in client.get(page).text
    text = client.get("/artifacts/a3/mistakes").text
    assert "shirt 0.99" in text
    assert text.count("data:image/png") == 3
    assert 'href="?slice=city%3DRome"' in text
    fallen = client.get("/artifacts/a3/mistakes?slice=city%3DRome").text
    assert fallen.count("data:image/png") == 1
    assert "was not kept" in client.get("/artifacts/a4/mistakes").text


def test_without_the_data_there_are_still_the_answers(root, ask):
    for path in root.rglob("Split-eval/data"):
        path.unlink()
    assert "shirt 0.99" in ask("a3")
    assert "not at hand" in explore(root).get("/artifacts/a3/mistakes").text
