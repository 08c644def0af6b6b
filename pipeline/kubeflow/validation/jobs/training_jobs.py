"""Checks of steps that make a TFJob: where they may, and what the job is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short, short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.training_job.manifest import FLAG, KIND, job_of
from pipeline.kubeflow.validation.documents import Documents, Task, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.jobs import tf_job
from pipeline.kubeflow.validation.messages.strict import strict
from pipeline.kubeflow.validation.said import Said

_FIX = "mend kubeflow.replicas and kubeflow.nodes.Trainer in the settings, and compile again"


def jobs(documents: Documents) -> Iterator[tuple[Task, str]]:
    """Tasks that make a TFJob, with its text."""
    for task in documents.all_tasks():
        text = job_of(list(task.container.get("args") or ()))
        if text is not None:
            yield task, text


def training_jobs(documents: Documents, target: Target) -> Iterator[Said]:
    for task, text in jobs(documents):
        where = f"{task.name}.{FLAG.lstrip('-')}"
        if target == "vertex":
            what = "makes a TFJob, and Vertex AI has none"
            yield Said(task.name, what, "compile with --target vertex")
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            yield Said(where, "is not JSON", _FIX)
            continue
        job, said = strict(told, KIND, where)
        yield from said
        for place, what in tf_job.faults(job):
            yield Said(f"{place} of {where}", what, _FIX)
        image = task.container.get("image")
        for container in tf_job.containers(job):
            if container.get("image") != image:
                shown = short_repr(container.get("image"))
                what = f"has replicas of the image {shown}, and the step has {short(str(image))}"
                yield Said(where, what, "compile with one --image")
        yield from _shared(task, job)


def _shared(task: Task, job: Mapping[str, Any]) -> Iterator[Said]:
    each = max((tf_job.gpus(container) for container in tf_job.containers(job)), default=0)
    count = tf_job.count(job) * max(1, each)
    told = training(task) or {}
    size = told.get("batch_size")
    if count and isinstance(size, int) and size % count:
        what = f"trains with batches of {size}, which {count} replicas cannot share"
        fix = "make training.batch_size a multiple of them, and compile again"
        yield Said(task.name, what, fix)


def training(task: Task) -> Mapping[str, Any] | None:
    """What a Trainer is told of the training; None for other tasks."""
    try:
        told = json.loads(dict(task.constants()).get("custom_config") or "null")
    except (TypeError, ValueError, RecursionError):
        return None
    return mapping(told, "training") if "training" in (told or {}) else None


CHECKS = (Check("training-jobs", training_jobs),)
