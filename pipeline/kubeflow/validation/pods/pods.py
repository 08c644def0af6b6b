"""Checks of the rest that Kubernetes is told: pulling, identity, labels, time. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.pods.named import Named, named
from pipeline.kubeflow.validation.pods.scheduling import labels
from pipeline.kubeflow.validation.said import AGAIN, Said
from pipeline.sections.kubernetes_names import not_qualified, not_subdomain

_POLICIES = ("Always", "Never", "IfNotPresent")
_SECRET = Named("secretName", "secretNameParameter")
_DROPPED = ("podAffinity", "enabledSharedMemory")
"""Fields that the driver of Kubeflow 2.17 never reads."""
_FIX = "mend it below kubeflow in the settings, and compile again"


def executors(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        if label not in documents.executors:
            yield Said(f"the settings for Kubernetes of {label}", "are for no executor of the file")
        if not settings:
            yield Said(f"the settings for Kubernetes of {label}", "are empty")
        for field in _DROPPED:
            if field in settings:
                yield Said(f"{label}.{field}", "is dropped by Kubeflow", "take it away")


def pulling(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        policy = settings.get("imagePullPolicy", "")
        if policy and policy not in _POLICIES:
            what = f"has the imagePullPolicy {short_repr(policy)}; there are {', '.join(_POLICIES)}"
            yield Said(label, what, _FIX)
        for number, secret in enumerate(settings.get("imagePullSecret") or ()):
            where = f"{label}.imagePullSecret[{number}]"
            yield from named(documents, label, where, secret, _SECRET, not_subdomain)


def identity(documents: Documents, target: Target) -> Iterator[Said]:
    """Kubeflow lets no step run as root."""
    for label, settings in sorted(documents.platform.items()):
        context = mapping(settings, "securityContext")
        if context.get("runAsUser") == 0 and context.get("runAsNonRoot") is not False:
            yield Said(f"{label}.securityContext", "runs as root, which no step may", _FIX)
        for key in ("runAsUser", "runAsGroup"):
            if not 0 <= context.get(key, 0) < 2**31:
                yield Said(f"{label}.securityContext.{key}", "is no id of a user or group", _FIX)


def metadata(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        found = mapping(settings, "podMetadata")
        yield from labels(f"{label}.podMetadata.labels", mapping(found, "labels"), _FIX)
        for key in mapping(found, "annotations"):
            if not_qualified(key):
                where = f"the key {short_repr(key)} of {label}.podMetadata.annotations"
                yield Said(where, str(not_qualified(key)), _FIX)


def time(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        seconds = settings.get("activeDeadlineSeconds")
        if seconds is not None and seconds <= 0:
            what = f"= {seconds} is not over 0, so there is no deadline"
            yield Said(f"{label}.activeDeadlineSeconds", what, f"take it away, or {AGAIN}")


CHECKS = (
    Check("platform", executors),
    Check("image-pulling", pulling),
    Check("identity", identity),
    Check("pod-metadata", metadata),
    Check("deadlines", time),
)
