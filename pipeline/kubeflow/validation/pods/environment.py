"""Checks of environment variables: those of containers, and those from secrets and ConfigMaps.
Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.pods.named import Named, named
from pipeline.kubeflow.validation.said import Said
from pipeline.sections.kubernetes_names import not_key, not_qualified, not_subdomain, not_variable

_FIX = "mend `env` or `secrets` below kubeflow in the settings, and compile again"
_KUBEFLOWS = frozenset({"KFP_POD_NAME", "KFP_POD_UID", "KFP_RETRY_INDEX"})
_FIELDS = re.compile(
    r"metadata\.(name|namespace|uid|(labels|annotations)\['([^']+)'\])|spec\.(nodeName|serviceAccountName)"
    r"|status\.(hostIP|hostIPs|podIP|podIPs)"
)
_FROM = (
    ("secretAsEnv", "secretName", "secretNameParameter", "secretKey"),
    ("configMapAsEnv", "configMapName", "configMapNameParameter", "configMapKey"),
)


def variables(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        seen: set[str] = set()
        for where, name in _variables(label, container, documents.platform.get(label, {})):
            why = not_variable(name)
            if why:
                yield Said(f"the variable {short_repr(name)} of {where}", why, _FIX)
            elif name in _KUBEFLOWS:
                yield Said(f"the variable {name} of {where}", "is Kubeflow's own", _FIX)
            if name in seen:
                yield Said(f"the variable {short_repr(name)} of {where}", "is set twice", _FIX)
            seen.add(name)


def _variables(
    label: str, container: Mapping[str, Any], settings: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for item in container.get("env") or ():
        yield label, str(item.get("name", ""))
    for field, *_ in _FROM:
        for source in settings.get(field) or ():
            for key in source.get("keyToEnv") or ():
                yield label, str(key.get("envVar", ""))
    for item in settings.get("fieldPathAsEnv") or ():
        yield label, str(item.get("name", ""))


def sources(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        for field, plain, parameter, key_name in _FROM:
            for number, source in enumerate(settings.get(field) or ()):
                where = f"{label}.{field}[{number}]"
                yield from named(
                    documents, label, where, source, Named(plain, parameter), not_subdomain
                )
                keys = source.get("keyToEnv") or ()
                if not keys:
                    yield Said(where, "has no keyToEnv, so it sets nothing", _FIX)
                for key in keys:
                    name = str(key.get(key_name, ""))
                    why = not_key(name)
                    if why:
                        yield Said(f"the key {short_repr(name)} of {where}", why, _FIX)
        for number, item in enumerate(settings.get("fieldPathAsEnv") or ()):
            path = str(item.get("fieldPath", ""))
            found = _FIELDS.fullmatch(path)
            if not found or (found[3] and not_qualified(found[3])):
                where = f"{label}.fieldPathAsEnv[{number}]"
                yield Said(where, f"reads {short_repr(path)}, which is no field of a pod", _FIX)


CHECKS = (Check("environment", variables), Check("environment-sources", sources))
