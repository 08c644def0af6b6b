"""Checks of what containers ask for: processors, memory, accelerators. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import Said
from pipeline.sections.kubeflow import MOST_CPUS, MOST_GIGABYTES
from pipeline.sections.kubernetes_names import is_of_vertex, not_qualified, quantity

_FIX = (
    "set kubeflow.all.resources (or those of the node) to numbers, memory in GB, and compile again"
)
_GPU_EXAMPLES: Mapping[Target, str] = {"oss": "nvidia.com/gpu", "vertex": "NVIDIA_TESLA_T4"}
_GIGABYTE = 1e9
_MOST = {"cpu": MOST_CPUS, "memory": MOST_GIGABYTES * _GIGABYTE}
_LEAST_SHOWN, _MOST_SHOWN = 1e-4, 1e21
"""Beyond these Go writes an exponent, and Kubernetes reads none with a G behind."""


def amounts(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        resources = mapping(container, "resources")
        for what in ("cpu", "memory"):
            found = {}
            for bound in ("Request", "Limit"):
                where = f"{label}.resources.{what}{bound}"
                value, why = _amount(resources, what, bound)
                if why:
                    yield Said(where, why, _FIX)
                elif value is not None:
                    found[bound] = value
            if len(found) == 2 and found["Request"] > found["Limit"]:
                more, less = found["Request"], found["Limit"]
                what_is = f"asks for {more:g} {what} at least and {less:g} at most"
                yield Said(f"{label}.resources", what_is, _FIX)


def _amount(resources: Mapping[str, Any], what: str, bound: str) -> tuple[float | None, str]:
    new = resources.get(f"resource{what.title()}{bound}")
    if new:
        if "{{$" in new:
            return None, ""
        value = quantity(new)
        if value is None:
            return None, f"= {short_repr(new)} is no quantity of Kubernetes such as 500m or 4Gi"
        if value > _MOST[what]:
            return None, f"= {short_repr(new)} is more than any machine has"
        return value, "" if value > 0 else f"= {short_repr(new)} is not over 0"
    old = resources.get(f"{what}{bound}")
    if old is None:
        return None, ""
    if old <= 0:
        return None, f"= {old:g} is not over 0"
    if not _LEAST_SHOWN <= old < _MOST_SHOWN:
        return None, f"= {old:g} is too {'small' if old < 1 else 'large'} for Kubernetes to read"
    value = old * (_GIGABYTE if what == "memory" else 1)
    if value > _MOST[what]:
        unit = "; the number is in GB" if what == "memory" else ""
        return None, f"= {old:g} is more than any machine has{unit}"
    return value, ""


def accelerators(documents: Documents, target: Target) -> Iterator[Said]:
    fix = f"set gpus and gpu_type of the node, such as {_GPU_EXAMPLES[target]}, or leave both out"
    for label, container in documents.containers():
        resources = mapping(container, "resources")
        if "accelerator" not in resources:
            continue
        accelerator = resources["accelerator"]
        kind = accelerator.get("resourceType") or accelerator.get("type") or ""
        count = accelerator.get("resourceCount") or accelerator.get("count") or 0
        where = f"the accelerator {short_repr(kind)} of {label}"
        if not _known(kind, target):
            yield Said(where, f"is none that {target} knows", fix)
        if accelerator.get("resourceType") and accelerator.get("type", kind) != kind:
            yield Said(where, f"is {short_repr(accelerator['type'])} as well; name one", fix)
        if not _is_count(count):
            yield Said(where, f"has the count {count!r}: without one it is dropped", fix)


def _known(kind: str, target: Target) -> bool:
    if target == "vertex":
        return is_of_vertex(kind)
    return "{{$" in kind or (not_qualified(kind) is None and "/" in kind)


def _is_count(count: int | str) -> bool:
    text = str(count)
    return "{{$" in text or (text.isdecimal() and int(text) > 0)


CHECKS = (Check("resources", amounts), Check("accelerators", accelerators))
