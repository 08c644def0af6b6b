"""What is read from the artifacts of a finished run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.kubeflow.dry_run.object_store import ObjectStore
from pipeline.kubeflow.dry_run.outcome import read_outcome


def left(title: str, uri: str, **metadata: Any) -> dict[str, Any]:
    schema = {"instanceSchema": f"title: {title}\ntype: object\n"}
    return {"artifacts": {"it": {"uri": uri, "type": schema, "metadata": metadata}}}


def test_a_pushed_version_and_its_accuracy(tmp_path: Path):
    store = ObjectStore(tmp_path)
    verdict = store.path("gs://b/check/verdict.json")
    verdict.parent.mkdir(parents=True)
    verdict.write_text(
        json.dumps({"blessed": True, "test_accuracy": 0.91, "test_r2": 0.5, "test_examples": 500})
    )
    outcome = read_outcome(
        {
            "ServingCheck": left("tfx.InfraBlessing", "gs://b/check"),
            "Pusher": left(
                "tfx.PushedModel",
                "gs://b/pushed",
                outcome="pushed",
                pushed=1.0,
                pushed_version="7",
                pushed_destination="gs://b/serving/7",
            ),
        },
        store,
    )
    assert (outcome.decision, outcome.version) == ("pushed", 7)
    assert outcome.path == str(tmp_path / "gs/b/serving/7")
    assert (outcome.test_accuracy, outcome.test_r2) == (0.91, 0.5)


@pytest.mark.parametrize(
    ("metadata", "decision"),
    [
        ({"outcome": "refused", "reason": "too bad"}, "refused"),
        ({"outcome": "already_live", "pushed": 0.0}, "already_live"),
        # TFX's own Pusher
        ({"pushed": 0.0}, "refused"),
        ({"pushed": 1.0}, "pushed"),
    ],
)
def test_every_decision(tmp_path: Path, metadata: dict, decision: str):
    outcome = read_outcome(
        {"Pusher": left("tfx.PushedModel", "gs://b/p", **metadata)}, ObjectStore(tmp_path)
    )
    assert outcome.decision == decision
    assert outcome.reason == metadata.get("reason")


def test_without_a_pusher_nothing_is_decided(tmp_path: Path):
    outcome = read_outcome({"Trainer": left("tfx.Model", "gs://b/m")}, ObjectStore(tmp_path))
    assert outcome.decision == "unfinished"
