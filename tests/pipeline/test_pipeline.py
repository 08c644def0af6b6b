from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.pipeline import create_pipeline
from pipeline.places import Places
from pipeline.settings import Settings

SETTINGS: dict[str, Any] = {
    "name": "pets",
    "data": {"format": "csv", "files": "/data/pets.csv"},
    "features": {
        "age": {"kind": "number"},
        "breed": {"kind": "category"},
        "remarks": {"kind": "text"},
        "story": {"kind": "text", "module": {"handle": "/modules/stories"}},
    },
    "label": {"name": "kind", "kind": "classes", "values": ["cat", "dog"]},
    "evaluation": {"metrics": [{"metric": "SparseCategoricalAccuracy", "overall": {"min": 0.1}}]},
}
FROM_TRAINER = {"Trainer"}
FROM_TRANSFORM = {"Transform", *FROM_TRAINER}


def keys(changed: dict[str, dict[str, Any]]) -> dict[str, str]:
    """By node, what TFX's cache goes by beside its inputs."""
    features = {
        name: {**kind, **changed.get(name, {})} for name, kind in SETTINGS["features"].items()
    }
    settings = Settings.model_validate({**SETTINGS, "features": features})
    places = Places("data", "folder", None, "/base", "/artifacts", modules={"story": "0" * 64})
    return {
        node.id: json.dumps(node.exec_properties, sort_keys=True, default=str)
        for node in create_pipeline(settings, places).components
    }


@pytest.mark.medium
@pytest.mark.parametrize(
    ("feature", "changed", "nodes"),
    [
        ("story", {"module": {"handle": "/modules/stories", "trainable": False}}, FROM_TRAINER),
        ("remarks", {"vocabulary": 500}, FROM_TRANSFORM),
        ("remarks", {"ngrams": 1}, FROM_TRANSFORM),
        ("breed", {"vocabulary": 50}, FROM_TRANSFORM),
        ("age", {"unit": "years"}, {"ExampleGen", *FROM_TRANSFORM}),
    ],
)
def test_nodes_run_again_that_depend_on_an_option(
    feature: str, changed: dict[str, Any], nodes: set[str]
) -> None:
    before, after = keys({}), keys({feature: changed})
    assert {name for name in before if before[name] != after[name]} == nodes
