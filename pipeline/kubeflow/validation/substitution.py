"""Checks of text that others would change: Argo's and KFP's `{{…}}`, Kubernetes' `$(…)`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short, short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import Said

_OPEN = re.compile(r"\{\{(?!\$(?:\.[^{}]*)?\}\})")
"""Two braces that do not begin one of KFP's placeholders."""
_PLACEHOLDER = re.compile(r"\{\{\$\.([^{}]*)\}\}")
_NAMED = re.compile(r"(inputs|outputs)\.(parameters|artifacts)\['([^']*)'\](\.\w+(\['[^']*'\])?)?")
_WHOLE_RUN = re.compile(
    r"pipeline_(job_(name|resource_name|uuid|create_time_utc|schedule_time_utc)|task_(name|uuid)"
    r"|root)|workspace_path|json_escape\[\d\]|outputs\.output_file|(inputs|outputs)(\.\w+)?"
)
_SHELL = re.compile(r"\$\$|\$\([A-Za-z_.-][\w.-]*\)")


def argo(documents: Documents, target: Target) -> Iterator[Said]:
    """Argo reads the whole workflow as a template, and fails where braces do not close."""
    if target != "oss":
        return
    for where, text in _texts(documents.spec, ""):
        found = _OPEN.search(text)
        if found:
            shown = short_repr(text[found.start() : found.start() + 30])
            yield Said(where, f"holds {shown}, which Argo would replace", _braces(text))
    for where, text in _texts(documents.platform, "platforms.kubernetes"):
        if "{{" in text:
            shown = short_repr(text[text.index("{{") :][:30])
            yield Said(where, f"holds {shown}, which Argo would replace", _braces(text))


def placeholders(documents: Documents, target: Target) -> Iterator[Said]:
    """KFP's own are filled in from what the component declares."""
    by_label = {
        str(component.get("executorLabel")): component
        for component in documents.components.values()
    }
    for label, container in documents.containers():
        component = by_label.get(label, {})
        for where, text in _texts(container, label):
            for inner in _PLACEHOLDER.findall(text):
                yield from _placeholder(where, inner, component)


def _placeholder(where: str, inner: str, component: Mapping[str, Any]) -> Iterator[Said]:
    named = _NAMED.fullmatch(inner)
    fix = "use {{$}}, or name what the component declares"
    if named:
        side, kind, name = named[1], named[2], named[3]
        if name not in mapping(mapping(component, f"{side[:-1]}Definitions"), kind):
            yield Said(
                where, f"asks for {side}.{kind}['{short(name)}'], which is not declared", fix
            )
    elif not _WHOLE_RUN.fullmatch(inner):
        yield Said(where, f"holds {{{{$.{short(inner)}}}}}, which KFP does not know", fix)


def kubernetes(documents: Documents, target: Target) -> Iterator[Said]:
    """Kubelet replaces in commands and arguments, and a step's inputs are one of the arguments."""
    if target != "oss":
        return
    given = dict(documents.containers())
    for where, text in (
        *_texts(
            {k: {"command": c.get("command"), "args": c.get("args")} for k, c in given.items()}, ""
        ),
        *(
            (f"{task.name}.{key}", value)
            for task in documents.all_tasks()
            for key, value in _constants(task)
        ),
        *(
            (f"parameter {name}", str(definition.get("defaultValue")))
            for name, definition in sorted(documents.parameters.items())
        ),
    ):
        found = _SHELL.search(text)
        if found:
            what = f"holds {found[0]!r}, which Kubernetes would replace"
            yield Said(where, what, "write it without `$$` and `$(…)`")


def nul(documents: Documents, target: Target) -> Iterator[Said]:
    """Arguments and variables of a process end at it, so that no container starts with one."""
    for where, text in (
        *_texts(documents.spec, ""),
        *_texts(documents.platform, "platforms.kubernetes"),
    ):
        if "\0" in text:
            yield Said(where, "holds a NUL character, with which no process starts", "take it away")


def _constants(task: Any) -> Iterator[tuple[str, str]]:
    yield from ((key, value) for key, value in task.constants() if isinstance(value, str))


def _texts(value: Any, path: str) -> list[tuple[str, str]]:
    """Every text and every key, with its path."""
    found: list[tuple[str, str]] = []
    _add_texts(value, path, found)
    return found


def _add_texts(value: Any, path: str, found: list[tuple[str, str]]) -> None:
    if isinstance(value, str):
        found.append((path, value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            below = f"{path}.{short(key)}" if path else short(key)
            found.append((below, key))
            _add_texts(inner, below, found)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _add_texts(inner, f"{path}[{number}]", found)


def _braces(text: str) -> str:
    json = text.lstrip().startswith(("{", "["))
    return "put a space between the braces" if json else "take the braces away"


CHECKS = (
    Check("nul-characters", nul),
    Check("argo-templates", argo),
    Check("placeholders", placeholders),
    Check("kubernetes-variables", kubernetes),
)
