"""Features that two models have in common."""

from __future__ import annotations

from components.baseline.shared_features import shared_features
from documents.features import Feature, Features, Label


def _of(**kinds: str) -> Features:
    features = tuple(Feature(name=name, kind=kind) for name, kind in kinds.items())
    return Features(features=features, label=Label(name="y", kind="classes"))


def test_what_is_of_that_kind_in_both_is_found_in_the_candidates_order():
    live = _of(age="number", sex="category", lost="number", fare="number")
    candidate = _of(new="number", fare="number", sex="number", age="number")
    found = [*shared_features(live, candidate, "number")]
    assert [(before.name, after.name) for before, after in found] == [
        ("fare", "fare"),
        ("age", "age"),
    ]
    assert found[0][0] is live.features[3]
