"""Checks of artifacts: types, and what tasks give one another. Pure but for sources on disk."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from documents.settings.section import short, short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, Task, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import Said
from pipeline.kubeflow.validation.tasks.source import missing

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_PROPERTY_TYPES = ("integer", "number", "double", "string", "object", "array", "boolean")
_STANDARD = "tfx.types.standard_artifacts"


def types(documents: Documents, target: Target) -> Iterator[Said]:
    """The launcher panics where an output has no type, and TFX makes a class of each title."""
    for component, spec in sorted(documents.components.items()):
        for side in ("inputDefinitions", "outputDefinitions"):
            for name, definition in mapping(mapping(spec, side), "artifacts").items():
                where = f"{component}.{side}.artifacts.{short(name)}"
                title, why = _title(mapping(definition, "artifactType"))
                if why is None and "executorLabel" in spec:
                    why = _no_class(title)
                version = mapping(definition, "artifactType").get("schemaVersion")
                if version and not _VERSION.fullmatch(version):
                    why = (
                        f"has the schemaVersion {short_repr(version)}, which is none such as 0.0.1"
                    )
                if why:
                    yield Said(where, why, kind=side)


def of_pipeline(documents: Documents, target: Target) -> Iterator[Said]:
    """A run has parameters only."""
    for name in mapping(documents.root_inputs, "artifacts"):
        what = "is an artifact that the pipeline takes, and no run can give one"
        yield Said(f"root.{short(name)}", what, "import it in a task, or take it away")


def given(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        defined, sources = task.defined("input", "artifacts"), task.given("artifacts")
        for name, definition in sorted(defined.items()):
            if name not in sources and not definition.get("isOptional"):
                yield Said(f"{task.name}.{name}", "has no source")
        for name, source in sorted(sources.items()):
            where = f"{task.name}.{name}"
            if name not in defined:
                yield Said(where, "is given, but the component has no such artifact")
            elif not source:
                yield Said(where, "has no source")
            else:
                yield from _same(documents, task, name)


def _same(documents: Documents, task: Task, name: str) -> Iterator[Said]:
    """What is given has the type that is taken."""
    source = task.given("artifacts")[name]
    if "componentInputArtifact" in source:
        origin = str(source["componentInputArtifact"])
        found = task.dag.inputs("artifacts").get(origin)
        if found is None:
            yield Said(f"{task.name}.{name}", f"takes {short(origin)}, which its dag is not given")
            return
    else:
        output = source["taskOutputArtifact"]
        producer = documents.task(task.dag, str(output.get("producerTask")))
        origin = f"{producer.name}.{output.get('outputArtifactKey')}"
        found = producer.defined("output", "artifacts").get(str(output.get("outputArtifactKey")))
        if found is None:
            return
    wanted = task.defined("input", "artifacts")[name]
    gives, takes = (
        _title(mapping(found, "artifactType"))[0],
        _title(mapping(wanted, "artifactType"))[0],
    )
    if gives and takes and gives != takes:
        yield Said(f"{task.name}.{name}", f"takes a {takes}, and {short(origin)} is a {gives}")
    if bool(found.get("isArtifactList")) != bool(wanted.get("isArtifactList")):
        yield Said(f"{task.name}.{name}", f"and {short(origin)}: one is a list, the other is none")


def _title(schema: Mapping[str, Any]) -> tuple[str, str | None]:
    """The title of an artifactType, and why it has none."""
    if "schemaUri" in schema:
        return "", "has a schemaUri, which Kubeflow does not read"
    if "schemaTitle" in schema:
        return schema["schemaTitle"], None if schema["schemaTitle"] else "has an empty schemaTitle"
    if "instanceSchema" not in schema:
        return "", "has no artifactType"
    return _title_in(schema["instanceSchema"])


@functools.lru_cache(maxsize=1024)
def _title_in(instance_schema: str) -> tuple[str, str | None]:
    try:
        read = yaml.safe_load(instance_schema)
    except (yaml.YAMLError, ValueError, RecursionError):
        return "", "has an instanceSchema that is not YAML"
    title = read.get("title") if isinstance(read, dict) else None
    if not title or not isinstance(title, str):
        return "", "has an instanceSchema without title"
    if read.get("type", "object") != "object":
        return title, f"has an instanceSchema of type {short_repr(read['type'])}, not object"
    properties = read.get("properties", {})
    if not isinstance(properties, dict):
        return title, "has an instanceSchema whose properties are no mapping"
    for name, definition in properties.items():
        kind = definition.get("type") if isinstance(definition, dict) else None
        if kind not in _PROPERTY_TYPES:
            return title, f"has the property {short_repr(name)} of no type that TFX reads"
    return title, None


def _no_class(title: str) -> str | None:
    prefix, _, name = title.partition(".")
    path = f"{_STANDARD}.{name}" if prefix == "tfx" else title
    why = missing(path)
    return f"is a {short(title)}: {why}" if why else None


CHECKS = (
    Check("pipeline-artifacts", of_pipeline),
    Check("artifact-types", types),
    Check("artifacts", given),
)
