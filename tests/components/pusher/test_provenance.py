from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from components.pusher.provenance import build
from documents.evaluator_verdict import EvaluatorVerdict
from documents.provenance import ArtifactReference, Provenance
from documents.reader import parse
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord

TRAINING = {
    "modules": {"remarks": {"handle": "https://m/1", "sha256": "cd", "trainable": False}},
    "hub": {"handle": "models/modules/encoder", "sha256": "ab", "trainable": True},
    "training": {"epochs": 5, "seed": 0},
    "steps": 2150,
    "eval_accuracy": 0.93,
    "labels": ["T-shirt/top", "Trouser"],
    "data": {"source": "debian", "fingerprint": "f", "examples": {"train": 55_000}},
    "schema_sha256": "s",
    "code_hash": "c",
    "packages": {"tfx": "1.16.0"},
    "run_id": "the run that trained, not the one that pushed",
}
EVALUATION = {
    "blessed": True,
    "baseline": {"version": 6, "digest": "sha256:6"},
    "metrics": [{"metric": "SparseCategoricalAccuracy", "slice": "overall", "value": 0.93}],
}
SERVING_CHECK = {
    "blessed": True,
    "backend": "embedded",
    "checks": [{"name": "parity", "ok": True, "expected": "…", "found": "…"}],
    "latency_ms": {"p50": 1.0, "p99": 2.0},
    "test_accuracy": 0.925,
    "test_r2": 0.75,
    "test_examples": 10_000,
}


def document(**changes: Any) -> Provenance:
    return build(
        **{
            "model_name": "fashion_mnist",
            "version": 7,
            "pushed_at": "2026-01-01T00:00:00+00:00",
            "push_id": "p",
            "run_id": "run",
            "content_digest": "sha256:7",
            "warm_up_sha256": "w",
            "training": parse(TrainingRecord, json.dumps(TRAINING).encode()),
            "evaluation": parse(EvaluatorVerdict, json.dumps(EVALUATION).encode()),
            "serving_check": parse(ServingVerdict, json.dumps(SERVING_CHECK).encode()),
            "artifacts": {"model": ArtifactReference(id=4, uri="/m")},
            **changes,
        }
    )


def test_it_tells_what_the_model_was_made_from_and_why_it_was_pushed() -> None:
    assert json.loads(document().encode()) == {
        "format": 1,
        "model": "fashion_mnist",
        "version": 7,
        "pushed_at": "2026-01-01T00:00:00+00:00",
        "push_id": "p",
        "run_id": "run",
        "content_digest": "sha256:7",
        "warm_up_sha256": "w",
        "baseline": {"version": 6, "digest": "sha256:6"},
        "data": TRAINING["data"],
        "schema_sha256": "s",
        "code_hash": "c",
        "hub": TRAINING["hub"],
        "modules": TRAINING["modules"],
        "training": {"epochs": 5, "seed": 0, "steps": 2150, "eval_accuracy": 0.93},
        "labels": ["T-shirt/top", "Trouser"],
        "metrics": EVALUATION["metrics"],
        "serving_check": {
            "blessed": True,
            "backend": "embedded",
            "checks": {"parity": True},
            "latency_ms": {"p50": 1.0, "p99": 2.0},
        },
        "test_accuracy": 0.925,
        "test_r2": 0.75,
        "test_examples": 10_000,
        "packages": {"tfx": "1.16.0"},
        "artifacts": {"model": {"id": 4, "uri": "/m"}},
    }


def test_modules_of_texts_in_older_documents_are_read() -> None:
    old = json.dumps({"text_modules": TRAINING["modules"]})
    for modules in (
        parse(TrainingRecord, old.encode()).modules,
        parse(Provenance, old.encode()).modules,
    ):
        assert modules is not None
        assert modules["remarks"].handle == "https://m/1"


def test_what_nobody_recorded_is_null_and_no_key_is_missing() -> None:
    bare = json.loads(document(training=None, evaluation=None, serving_check=None).encode())
    assert bare.keys() == json.loads(document().encode()).keys()
    assert bare["baseline"] is bare["data"] is bare["serving_check"] is bare["hub"] is None
    assert bare["metrics"] == []


def test_docs_base_path_describes_each_key() -> None:
    page = (Path(__file__).parents[3] / "docs/base_path.md").read_text()
    table = page.split("## provenance.json", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    described = {key for row in rows for key in re.findall("`(.*?)`", row)}
    assert described - {"withdrawn"} == document().as_written().keys()
