"""Statistics as people called their columns."""

from __future__ import annotations

from documents.features import Feature as Declared
from documents.features import Features, Label
from inspection.drawing.distributions import split_rows
from inspection.evidence.features import kinds, named
from inspection.evidence.statistics import Feature, Statistics

DOCUMENT = Features(
    features=(
        Declared(name="fare", kind="number"),
        Declared(name="company", kind="category"),
    ),
    label=Label(name="tip", kind="classes", values=("no", "yes")),
)


def feature(name: str, values: dict[str, float]) -> Feature:
    return Feature(name, "int", 10, 0, {}, (), values)


FOUND = Statistics(
    "train",
    10,
    {
        name: feature(name, {"0": 7.0, "1": 2.0, "9": 1.0})
        for name in ("extra", "tip", "company", "fare")
    },
)


def test_columns_stand_as_declared_and_classes_have_their_names() -> None:
    found = named(FOUND, DOCUMENT)
    assert [*found.features] == ["fare", "company", "tip", "extra"]
    assert found.features["tip"].values == {"no": 7.0, "yes": 2.0, "9": 1.0}
    assert found.features["company"].values == {"0": 7.0, "1": 2.0, "9": 1.0}
    [split] = split_rows([found], (), None, kinds(DOCUMENT))
    assert [row.kind for row in split.rows] == ["number", "category", "label, classes", None]


def test_another_pipelines_statistics_stay_as_they_are() -> None:
    assert named(FOUND, None) is FOUND
    assert kinds(None) == {}
