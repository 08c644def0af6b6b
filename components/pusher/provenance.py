"""The provenance document: what a published version was made from and why it was pushed. Pure.

It lies in the version itself, so that lineage outlives the metadata store.
docs/base_path.md describes each key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FORMAT = 1
"""Raised when a key changes its meaning; new keys alone do not raise it."""

_TRAINED = ("steps", "examples_seen", "seconds", "final_loss", "eval_accuracy")


def build(
    *,
    model_name: str | None,
    version: int,
    pushed_at: str,
    push_id: str,
    run_id: str | None,
    content_digest: str,
    warm_up_sha256: str | None,
    training: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    serving_check: Mapping[str, Any],
    artifacts: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The document, ready for JSON; what nobody recorded is null.

    Args:
      pushed_at: UTC time, ISO 8601.
      training: `training.json` of the Model artifact, or empty.
      content_digest: of what the validators judged, which is what is published.
      warm_up_sha256: of the warm-up file; None when there is none.
      evaluation: `verdict.json` of the Evaluator, or empty.
      serving_check: `verdict.json` of the ServingCheck, or empty.
      artifacts: id and uri in ML Metadata by input name.
    """
    return {
        "format": FORMAT,
        "model": model_name,
        "version": version,
        "pushed_at": pushed_at,
        "push_id": push_id,
        "run_id": run_id,
        "content_digest": content_digest,
        "warm_up_sha256": warm_up_sha256,
        "baseline": evaluation.get("baseline"),
        "data": training.get("data"),
        "schema_sha256": training.get("schema_sha256"),
        "code_hash": training.get("code_hash"),
        "hub": training.get("hub"),
        "training": {
            **training.get("training", {}),
            **{key: training[key] for key in _TRAINED if key in training},
        },
        "labels": training.get("labels"),
        "metrics": evaluation.get("metrics", []),
        "serving_check": _summary(serving_check),
        "test_accuracy": serving_check.get("test_accuracy"),
        "test_examples": serving_check.get("test_examples"),
        "packages": training.get("packages"),
        "artifacts": artifacts,
    }


def encode(document: Mapping[str, Any]) -> bytes:
    """The document as the bytes of a file that people can read."""
    return (json.dumps(document, indent=1) + "\n").encode()


def _summary(serving_check: Mapping[str, Any]) -> dict[str, Any] | None:
    if not serving_check:
        return None
    return {
        "blessed": serving_check.get("blessed"),
        "backend": serving_check.get("backend"),
        "checks": {check["name"]: check["ok"] for check in serving_check.get("checks", [])},
        "latency_ms": serving_check.get("latency_ms"),
    }
