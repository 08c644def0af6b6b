"""Checks of what Kubernetes is told about a whole run: its workspace and its times. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import Said
from pipeline.sections.kubernetes_names import quantity

_WHERE = "platforms.kubernetes.pipelineConfig"
_TIMES = (
    *("resourceTtlOnCompletion", "resourceTtlOnSuccess", "resourceTtlOnFailure"),
    "activeDeadlineSeconds",
)
_PATCH = frozenset({"accessModes", "storageClassName"})
_FIX = "mend it, or take it away: no step of this pipeline needs one"


def workspace(documents: Documents, target: Target) -> Iterator[Said]:
    found = documents.run_settings.get("workspace")
    if found is None:
        return
    where = f"{_WHERE}.workspace"
    size = str(found.get("size", ""))
    if not quantity(size):
        yield Said(where, f"has the size {short_repr(size)}, no quantity such as 10Gi", _FIX)
    patch = mapping(mapping(found, "kubernetes"), "pvcSpecPatch")
    for key in sorted(set(patch) - _PATCH):
        yield Said(
            where, f"patches {short_repr(key)}; only {', '.join(sorted(_PATCH))} may be", _FIX
        )
    if not patch.get("accessModes"):
        yield Said(where, "has no accessModes, which the cluster asks for", _FIX)
    if patch.get("storageClassName") == "":
        yield Said(where, "has an empty storageClassName", _FIX)


def times(documents: Documents, target: Target) -> Iterator[Said]:
    for key in _TIMES:
        seconds = documents.run_settings.get(key, 1)
        if seconds <= 0:
            yield Said(f"{_WHERE}.{key}", f"= {seconds} is not over 0, so it is dropped", _FIX)


def dropped(documents: Documents, target: Target) -> Iterator[Said]:
    """Settings for Kubernetes are read in the second document only, from its executors."""
    for key in ("platform", "config"):
        found = documents.kubernetes.get(key)
        if found is not None and found != "kubernetes":
            what = f"= {short_repr(found)} is not read"
            yield Said(f"platforms.kubernetes.{key}", what, "take it away")
    for name, component in sorted(documents.components.items()):
        if "singlePlatformSpecs" in component:
            fix = "move them to platforms.kubernetes.deploymentSpec.executors, by executor"
            yield Said(f"the component {name}", "has singlePlatformSpecs, which are dropped", fix)


CHECKS = (
    Check("workspace", workspace),
    Check("run-times", times),
    Check("dropped-settings", dropped),
)
