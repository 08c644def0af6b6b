"""Checks of parameters: what tasks are given and what their components take. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short, short_repr
from pipeline.kubeflow.parameter_values import UNSPECIFIED, misfit
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import ROOT, Documents, Task, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import AGAIN, Said

_ONLY_HERE = {"TASK_FINAL_STATUS": "of tasks that come after others", "TASK_CONFIG": "of tasks"}
_SOURCES = ("runtimeValue", "componentInputParameter", "taskOutputParameter", "taskFinalStatus")


def types(documents: Documents, target: Target) -> Iterator[Said]:
    components = {**documents.components, ROOT: mapping(documents.spec, ROOT)}
    for component, spec in sorted(components.items()):
        for side in ("inputDefinitions", "outputDefinitions"):
            for name, definition in mapping(mapping(spec, side), "parameters").items():
                where = f"{component}.{side}.parameters.{short(name)}"
                kind = definition.get("parameterType", UNSPECIFIED)
                if kind == UNSPECIFIED:
                    yield Said(where, "has no parameterType", kind=side)
                elif component == ROOT and kind in _ONLY_HERE:
                    yield Said(where, f"is a {kind}, which is a parameter {_ONLY_HERE[kind]}")
                if "type" in definition:
                    yield Said(where, "has a `type`, the form of schema 2.0; it is not read")
                if "defaultValue" in definition:
                    yield from _fits(where, definition["defaultValue"], definition, "default")


def given(documents: Documents, target: Target) -> Iterator[Said]:
    """Every parameter of a component has a value, and nothing is given that it does not take."""
    for task in documents.all_tasks():
        defined, sources = task.defined("input", "parameters"), task.given("parameters")
        item = mapping(task.spec, "parameterIterator").get("itemInput")
        for name, definition in sorted(defined.items()):
            optional = (
                definition.get("isOptional") or definition.get("parameterType") == "TASK_CONFIG"
            )
            if name in sources or name == item or optional or "defaultValue" in definition:
                continue
            yield Said(f"{task.name}.{name}", "has neither value, default nor source")
        for name in sorted(set(sources) - set(defined)):
            yield Said(f"{task.name}.{name}", "is given, but the component has no such parameter")


def sources(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        for name, source in sorted(task.given("parameters").items()):
            where = f"{task.name}.{name}"
            kind = next((key for key in _SOURCES if key in source), None)
            if kind is None:
                yield Said(where, "has neither value nor source")
            elif kind == "runtimeValue" and "constant" not in source[kind]:
                if "constantValue" not in source[kind]:
                    yield Said(where, "has a runtimeValue without constant, which is not filled in")
            elif kind == "runtimeValue":
                definition = task.defined("input", "parameters").get(name)
                if definition is not None:
                    yield from _fits(where, source[kind]["constant"], definition, "constant")
            elif kind == "taskFinalStatus":
                producer = mapping(source, kind).get("producerTask")
                if producer not in task.before():
                    shown = short(producer or "nobody")
                    yield Said(where, f"asks how {shown} ended, which it does not come after")
            else:
                yield from _linked(documents, task, name, kind)
            if "parameterExpressionSelector" in source:
                yield Said(where, "has a parameterExpressionSelector, which no step here needs")


def _linked(documents: Documents, task: Task, name: str, kind: str) -> Iterator[Said]:
    """The type of what stands behind a parameter."""
    wanted = mapping(task.defined("input", "parameters"), name).get("parameterType")
    source = task.given("parameters")[name]
    if kind == "componentInputParameter":
        origin = str(source[kind])
        if origin not in task.dag.inputs("parameters"):
            yield Said(
                f"{task.name}.{name}", f"takes the parameter {short(origin)}, which is not declared"
            )
            return
        definition = mapping(task.dag.inputs("parameters"), origin)
        is_demanded = not mapping(task.defined("input", "parameters"), name).get("isOptional")
        if is_demanded and definition.get("isOptional") and "defaultValue" not in definition:
            what = f"needs a value, and {short(origin)} is optional and has no default"
            yield Said(f"{task.name}.{name}", what)
    elif kind == "taskOutputParameter":
        origin = str(source[kind].get("outputParameterKey"))
        producer = documents.task(task.dag, str(source[kind].get("producerTask")))
        definition = mapping(producer.defined("output", "parameters"), origin)
    else:
        return
    found = definition.get("parameterType")
    numbers = {"NUMBER_DOUBLE", "NUMBER_INTEGER"}
    if found and wanted and found != wanted and not {found, wanted} <= numbers:
        yield Said(f"{task.name}.{name}", f"is a {wanted}, and {short(origin)} gives it a {found}")


def defaults(documents: Documents, target: Target) -> Iterator[Said]:
    for name, definition in sorted(documents.parameters.items()):
        if "defaultValue" not in definition and not definition.get("isOptional"):
            yield Said(
                f"parameter {short(name)}",
                "has no default, so every run and schedule must give it",
                f"{AGAIN}, or give it with --param {short(name)}=VALUE here and when you submit",
            )


def iterators(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        if "artifactIterator" in task.spec:
            yield Said(task.name, "has an artifactIterator, which Kubeflow has not built")
        if mapping(task.spec, "iteratorPolicy").get("parallelismLimit", 0) < 0:
            yield Said(task.name, "has a negative parallelismLimit")
        iterator = task.spec.get("parameterIterator")
        if iterator is None:
            continue
        items, item = mapping(iterator, "items"), iterator.get("itemInput")
        if item not in task.defined("input", "parameters"):
            yield Said(task.name, f"iterates into {item}, which its component does not take")
        if "raw" in items:
            found = _json(items["raw"])
            wanted = mapping(task.defined("input", "parameters"), str(item)).get("parameterType")
            if not isinstance(found, list):
                yield Said(task.name, "iterates over text that is no JSON list")
            elif misfits := [value for value in found if misfit(value, str(wanted))]:
                what = f"iterates over {short_repr(misfits[0])}, and {item} is a {wanted}"
                yield Said(task.name, what)
        elif items.get("inputParameter") not in task.given("parameters"):
            yield Said(
                task.name, f"iterates over {items.get('inputParameter')}, which is not given"
            )


def _fits(where: str, value: Any, definition: Mapping[str, Any], what: str) -> Iterator[Said]:
    kind = str(definition.get("parameterType", UNSPECIFIED))
    shown = f"has the {what} {short_repr(value)}"
    why = misfit(value, kind)
    if why:
        yield Said(where, f"{shown}, which is {why}")
    allowed = definition.get("literals")
    if allowed and value not in allowed:
        yield Said(where, f"{shown}, which is none of its literals")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


CHECKS = (
    Check("parameter-types", types),
    Check("parameters", given),
    Check("sources", sources),
    Check("defaults", defaults),
    Check("iterators", iterators),
)
