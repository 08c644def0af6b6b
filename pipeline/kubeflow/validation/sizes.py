"""Checks of sizes: arguments of containers, and the workflow that Argo keeps. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import ROOT, Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import Said

MAX_ARGUMENT = 100 * 1024
"""Bytes; Linux refuses a single argument over 128 KiB, and the ExecutorInput is filled in yet."""
MAX_WORKFLOW = 1536 * 1024
"""Bytes of a request to etcd as it is installed; the status of a run comes on top."""
_FILE = "pass the content as a file of the image or of the object store"


def arguments(documents: Documents, target: Target) -> Iterator[Said]:
    """Driver and launcher get each part of a task as one argument."""
    for label, container in documents.containers():
        for number, argument in enumerate(container.get("args") or ()):
            yield from _over(f"argument {number} of {label}", len(argument.encode()))
        yield from _over(f"the container of {label}", _size(container))
    for label, settings in sorted(documents.platform.items()):
        yield from _over(f"the settings for Kubernetes of {label}", _size(settings))
    for name, component in sorted(documents.components.items()):
        yield from _over(f"the component {name}", _size(component))
    for task in documents.all_tasks():
        given = [value for _, value in task.constants()]
        yield from _over(f"the inputs of {task.name} together", max(_size(given), _size(task.spec)))
    yield from _over("the graph itself", _size(mapping(documents.spec, ROOT)))


def workflow(documents: Documents, target: Target) -> Iterator[Said]:
    size = _size(documents.spec) + _size(documents.platform)
    if target == "oss" and size > MAX_WORKFLOW:
        what = f"has {size // 1024} KiB, and etcd keeps {MAX_WORKFLOW // 1024} KiB of a workflow"
        yield Said("the pipeline", what, _FILE)


def full_workflow(documents: Documents, target: Target) -> Iterator[Said]:
    size = _size(documents.spec) + _size(documents.platform)
    if target == "oss" and MAX_WORKFLOW // 2 < size <= MAX_WORKFLOW:
        what = (
            f"has {size // 1024} KiB; with the status of its run it may be over the "
            f"{MAX_WORKFLOW // 1024} KiB that etcd keeps"
        )
        yield Said("the pipeline", what, _FILE)


def _over(where: str, size: int) -> Iterator[Said]:
    if size > MAX_ARGUMENT:
        what = (
            f"has {size // 1024} KiB and is passed as one argument; over "
            f"{MAX_ARGUMENT // 1024} KiB the container cannot start"
        )
        yield Said(where, what, _FILE)


def _size(value: Any) -> int:
    return len(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    )


CHECKS = (
    Check("argument-size", arguments),
    Check("workflow-size", workflow),
    Check("near-workflow-size", full_workflow, "warning"),
)
