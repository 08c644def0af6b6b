"""Checks of the graph: schema, names, executors, who takes what from whom. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check, Said

AGAIN = "compile the file again with `python kubeflow_runner.py compile`"
_TASK = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_PIPELINE = re.compile(r"[a-z0-9][-a-z0-9]*")
_LONGEST = 128


def schema_version(documents: Documents, target: Target) -> Iterator[Said]:
    version = documents.spec.get("schemaVersion")
    if version != "2.1.0":
        yield f"schemaVersion is {version!r}; open-source Kubeflow takes 2.1.0 only", AGAIN


def old_constants(documents: Documents, target: Target) -> Iterator[Said]:
    for task in sorted(documents.tasks):
        inputs = mapping(mapping(mapping(documents.tasks, task), "inputs"), "parameters")
        for key, source in sorted(inputs.items()):
            if "constantValue" in mapping(source, "runtimeValue"):
                yield f"{task}.{key} is a `constantValue`, the form of schema 2.0", AGAIN


def names(documents: Documents, target: Target) -> Iterator[Said]:
    pipeline = str(mapping(documents.spec, "pipelineInfo").get("name"))
    if not _fits(_PIPELINE, pipeline):
        yield (
            f"the pipeline's name {pipeline!r} must be small letters, digits and `-`, at most "
            f"{_LONGEST} of them",
            "change `name` in the settings",
        )
    for task in sorted(documents.tasks):
        if not _fits(_TASK, str(task)):
            yield (
                f"the node id {task!r} must be letters, digits and `-`, at most {_LONGEST} of them",
                "give the node another id with .with_id() in pipeline/pipeline.py",
            )


def tasks_complete(documents: Documents, target: Target) -> Iterator[Said]:
    if not documents.tasks:
        yield "there is no task", AGAIN
    for task in sorted(documents.tasks):
        if not documents.component(task):
            yield f"{task} has no component in the file", AGAIN
        elif documents.label(task) not in documents.executors:
            yield f"{task} has no executor {documents.label(task)!r} in the file", AGAIN


def executor_kinds(documents: Documents, target: Target) -> Iterator[Said]:
    known = {"container", "importer"} | ({"resolver"} if target == "vertex" else set())
    for label, executor in sorted(documents.executors.items()):
        kinds = set(executor) if isinstance(executor, Mapping) else set()
        if len(kinds) != 1 or not kinds <= known:
            kind = ", ".join(sorted(kinds)) or "nothing"
            yield (
                f"executor {label} is {kind}; {target} runs {' and '.join(sorted(known))} only",
                "replace the node by a component with an executor, as Baseline replaces Resolver",
            )


def producers(documents: Documents, target: Target) -> Iterator[Said]:
    for task in sorted(documents.tasks):
        for producer, side, key in documents.producers(task):
            outputs = mapping(documents.component(producer), "outputDefinitions")
            if producer not in documents.tasks:
                yield f"{task} takes {key} from {producer}, which is not there", AGAIN
            elif key not in mapping(outputs, side):
                yield f"{task} takes {key} from {producer}, which has no such output", AGAIN
        for before in mapping(documents.tasks, task).get("dependentTasks") or ():
            if before not in documents.tasks:
                yield f"{task} comes after {before}, which is not there", AGAIN


def cycles(documents: Documents, target: Target) -> Iterator[Said]:
    needs = {task: _needs(documents, task) & set(documents.tasks) for task in documents.tasks}
    while True:
        free = [task for task, before in needs.items() if not before & set(needs)]
        if not free:
            break
        for task in free:
            del needs[task]
    if needs:
        yield (
            f"{', '.join(sorted(needs))} need each other, so none of them can start",
            "take one of the edges away in pipeline/pipeline.py",
        )


def parameters(documents: Documents, target: Target) -> Iterator[Said]:
    for name, definition in sorted(documents.parameters.items()):
        if not isinstance(definition, Mapping) or "defaultValue" not in definition:
            yield (
                f"parameter {name} has no default, so every run and schedule must give it",
                f"{AGAIN}, or give it with --param {name}=VALUE when you submit",
            )
    for task in sorted(documents.tasks):
        for key, name in documents.wanted_parameters(task):
            if name not in documents.parameters:
                yield f"{task}.{key} takes the parameter {name}, which is not declared", AGAIN


def _fits(pattern: re.Pattern[str], name: str) -> bool:
    return bool(pattern.fullmatch(name)) and len(name) <= _LONGEST


def _needs(documents: Documents, task: str) -> set[str]:
    before: Any = mapping(documents.tasks, task).get("dependentTasks") or ()
    return {str(name) for name in before} | {name for name, _, _ in documents.producers(task)}


CHECKS = (
    Check("schema-version", schema_version),
    Check("old-constants", old_constants),
    Check("names", names),
    Check("tasks-complete", tasks_complete),
    Check("executor-kinds", executor_kinds),
    Check("producers", producers),
    Check("cycles", cycles),
    Check("parameters", parameters),
)
