"""Checks of steps that start a custom job of Vertex AI: who starts it, and what its machines run.

The containers of the machines are checked as those of steps are. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from documents.settings.section import short_repr
from models.training.cluster import MULTI_WORKER
from pipeline.kubeflow.custom_job import EVERY_INPUT, SPECS, TASK, launcher, pools_of
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, Task, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.jobs.training_jobs import jobs as training_jobs
from pipeline.kubeflow.validation.jobs.training_jobs import training
from pipeline.kubeflow.validation.messages.strict import strict
from pipeline.kubeflow.validation.said import AGAIN, Said
from pipeline.sections.kubeflow import MACHINE_TYPE
from pipeline.sections.kubernetes_names import is_of_vertex

_MACHINES = "set kubeflow.replicas in the settings, and " + AGAIN


def launchers(documents: Documents, target: Target) -> Iterator[Said]:
    wanted = launcher()
    for task, container in documents.jobs():
        if target == "oss":
            what = "starts a custom job of Vertex AI, and open-source Kubeflow has none"
            yield Said(task.name, what, "compile with --target oss")
        for key in sorted({*wanted, *container}):
            if container.get(key) != wanted.get(key):
                what = f"has another {key} than what starts a custom job"
                yield Said(f"the container of {task.name}", what)


def worker_pools(documents: Documents, target: Target) -> Iterator[Said]:
    for task, _ in documents.jobs():
        where = f"{task.name}.{SPECS}"
        written = mapping(task.defined("input", "parameters"), SPECS).get("defaultValue")
        if not isinstance(written, list) or len(written) != 2:
            yield Said(where, "must be a list of two pools: the chief's and the workers'")
            continue
        for number, pool in enumerate(written):
            _, said = strict(pool, "WorkerPoolSpec", f"{where}[{number}]")
            yield from said
        pools = [strict(pool, "WorkerPoolSpec")[0] for pool in pools_of(task.component)]
        for number, pool in enumerate(pools):
            yield from _pool(pool, f"{where}[{number}]", is_chief=number == 0)
        if len({json.dumps(pool.get("container_spec"), sort_keys=True) for pool in pools}) > 1:
            yield Said(where, "has two containers, and all machines run the same")
        yield from _shared(task, pools)


def strategies(documents: Documents, target: Target) -> Iterator[Said]:
    """Machines that train together are told so, and those that are told so are several."""
    jobs = {task.name for task, _ in (*documents.jobs(), *training_jobs(documents))}
    for task in documents.all_tasks():
        told = training(task)
        if told is None and task.name in jobs:
            yield Said(task.name, f"starts a job, and only {TASK} trains on several machines")
        elif told is not None:
            together = told.get("strategy") == MULTI_WORKER
            if together and task.name not in jobs:
                what = f"trains with strategy {MULTI_WORKER} in one container"
                yield Said(task.name, what, _MACHINES)
            elif not together and task.name in jobs:
                what = f"runs on several machines without strategy {MULTI_WORKER}, each for itself"
                yield Said(task.name, what, f"set training.strategy, and {AGAIN}")


def _pool(pool: Mapping[str, Any], where: str, *, is_chief: bool) -> Iterator[Said]:
    count = _number(pool.get("replica_count"))
    if is_chief and count != 1:
        yield Said(where, f"has {count} replicas, and there is one chief", _MACHINES)
    elif count < 1:
        yield Said(where, "has no replicas", _MACHINES)
    machine = mapping(pool, "machine_spec")
    kind = str(machine.get("machine_type", ""))
    if not re.fullmatch(MACHINE_TYPE, kind):
        what = f"has machine_type {short_repr(kind)}, which is none such as n1-standard-8"
        yield Said(where, what, _MACHINES)
    accelerator = machine.get("accelerator_type")
    if accelerator is not None and not is_of_vertex(accelerator):
        yield Said(where, f"has the accelerator {short_repr(accelerator)}, which Vertex AI has not")
    if (accelerator is not None) != (_number(machine.get("accelerator_count")) > 0):
        yield Said(where, "needs an accelerator_type with an accelerator_count, or neither")
    if EVERY_INPUT in mapping(pool, "container_spec").get("args", ()):
        yield Said(where, f"holds {EVERY_INPUT}, which is no text inside of JSON")


def _shared(task: Task, pools: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
    machines = mapping(pools[0], "machine_spec") if pools else {}
    each = max(1, _number(machines.get("accelerator_count")))
    count = sum(_number(pool.get("replica_count")) for pool in pools) * each
    size = _number((training(task) or {}).get("batch_size"))
    if count and size % count:
        what = f"trains with batches of {size}, which {count} replicas cannot share"
        yield Said(task.name, what, f"make training.batch_size a multiple of them, and {AGAIN}")


def _number(value: Any) -> int:
    """Whole numbers may be text in the JSON of a message."""
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0


CHECKS = (
    Check("custom-jobs", launchers),
    Check("worker-pools", worker_pools),
    Check("strategies", strategies),
)
