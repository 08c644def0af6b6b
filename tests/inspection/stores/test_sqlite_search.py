"""Records that may hold a text or a setting of a name are found by the database."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from google.protobuf import struct_pb2

from inspection.history.ids import short
from inspection.history.records import Artifact, Step
from inspection.questions.executions.cache import flat
from inspection.store import open_history
from inspection.stores import words

RECORDED = Path(__file__).parents[1] / "recorded" / "workspace" / "metadata.db"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return Path(shutil.copyfile(RECORDED, tmp_path / "metadata.db"))


def _struct(**fields: float | str) -> str:
    """As ML Metadata keeps a struct in a property."""
    struct = struct_pb2.Struct()
    struct.update(fields)
    return words.STRUCT + base64.b64encode(struct.SerializeToString()).decode()


def test_a_setting_of_a_name(store: Path) -> None:
    odd = {
        "written out": '{"\\u0073eed": 1}',
        "Seed": "plain",
        "list": '[{"SEED_2": 1}]',
        "of a value": "seed",
        "100%": '{"100%": 1}',
        "struct": _struct(seed=1.0),
        "struct of a value": _struct(a="seed"),
        "configuration of a value": '{"a": "seed", "b": 1}',
        "configuration in another": json.dumps({"a": json.dumps({"the seed": 1})}),
    }
    with sqlite3.connect(store) as connection:
        for id, (name, value) in enumerate(odd.items(), start=901):
            connection.execute("INSERT INTO Artifact (id, type_id) VALUES (?, 1)", (id,))
            connection.execute(
                "INSERT INTO ArtifactProperty (artifact_id, name, is_custom_property, string_value)"
                " VALUES (?, ?, 1, ?)",
                (id, name, value),
            )
    connection.close()
    history = open_history(store)
    found = history.that_may_name("seed")
    assert found is not None
    assert {id for id in found["artifact"] if id > 900} == {901, 902, 903, 906, 909}
    assert {key for id in (906, 909) for key in flat(history.artifacts[id].properties)} == {
        "struct.seed",
        "configuration in another.a.the seed",
    }
    steps = [step for step in history.steps.values() if "seed" in repr(step.properties)]
    assert steps
    assert {step.id for step in steps} <= set(found["step"])
    percent = history.that_may_name("100%")
    assert percent is not None
    # What is written out may be anything.
    assert {id for id in percent["artifact"] if id > 900} == {901, 905}


def test_a_text_in_any_property_or_address(store: Path) -> None:
    history = open_history(store)
    everywhere: list[Step | Artifact] = [*history.steps.values(), *history.artifacts.values()]
    for text in ("seed", "SEED", "trainer/model", "100%", "nothing has this"):
        found = history.that_may_hold(text)
        assert found is not None
        may = {*(f"s{id}" for id in found["step"]), *(f"a{id}" for id in found["artifact"])}
        for each in everywhere:
            told = [*each.properties, *map(str, each.properties.values()), getattr(each, "uri", "")]
            if any(text.lower() in part.lower() for part in told):
                assert short(each) in may
    assert history.that_may_hold("é") is None
