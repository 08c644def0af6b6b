"""A store with a model whose worst answers were kept, and the rows of its data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from documents.mistakes import Mistake, Mistakes
from documents.writer import write
from tests.inspection.store_writer import Out, StoreWriter

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


def write_store(root: Path) -> Path:
    """Two artifacts of examples, a1 and a2, of which the tenth row is the first of the second one;
    two models, a3 and a4, of which the first has its worst answers kept."""
    store = StoreWriter(root)
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
