"""What a finished dry run decided: read from the artifacts of Pusher and ServingCheck."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from documents.outcome import Outcome as Ending
from documents.reader import read
from documents.serving_verdict import ServingVerdict
from pipeline.kubeflow.dry_run.object_store import ObjectStore


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The last lines of a dry run."""

    decision: Ending
    reason: str | None = None
    version: int | None = None
    path: str | None = None
    """Of the version, on this machine."""
    test_accuracy: float | None = None
    test_r2: float | None = None
    test_examples: int | None = None
    no_new_data: str | None = None
    """That the live version is made from the same data."""


def read_outcome(left: Mapping[str, Mapping[str, Any]], store: ObjectStore) -> Outcome:
    """The outcome after the tasks in `left`, each with its `artifacts`."""
    check: dict[str, Any] = {}
    for artifact in _of_type(left, "tfx.InfraBlessing"):
        folder = store.path(artifact["uri"])
        document = read(ServingVerdict, str(folder / ServingVerdict.FILE))
        check = document.as_written() if document else {}
    accuracy = {key: check.get(key) for key in ("test_accuracy", "test_r2", "test_examples")}
    for artifact in _of_type(left, "tfx.PushedModel"):
        metadata = artifact["metadata"]
        # The standard Pusher says only whether it pushed.
        said: Ending = "pushed" if metadata.get("pushed") else "refused"
        decision = metadata.get("outcome") or said
        version = metadata.get("pushed_version")
        destination = metadata.get("pushed_destination")
        return Outcome(
            decision=decision,
            reason=metadata.get("reason"),
            version=int(version) if version else None,
            path=str(store.path(destination)) if destination else None,
            no_new_data=metadata.get("no_new_data"),
            **accuracy,
        )
    return Outcome("unfinished", "No task pushed a model.", **accuracy)


def _of_type(left: Mapping[str, Mapping[str, Any]], title: str) -> Iterator[Mapping[str, Any]]:
    for task in left.values():
        for artifact in task["artifacts"].values():
            schema = yaml.safe_load(artifact["type"].get("instanceSchema") or "") or {}
            if schema.get("title") == title:
                yield artifact
