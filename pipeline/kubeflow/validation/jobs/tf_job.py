"""What is wrong with a TFJob: its fields, what the operator refuses, what could not train. Pure.

What the operator refuses is in pkg/webhooks/tensorflow of kubeflow/training-operator 1.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from documents.settings.section import short_repr
from pipeline.kubeflow.training_job.manifest import (
    CHIEF,
    COMMAND,
    CONTAINER,
    GROUP,
    KIND,
    OWN,
    ROOT,
    VERSION,
    WORKER,
)
from pipeline.kubeflow.validation.messages.strict import strict
from pipeline.sections.kubernetes_names import (
    not_key,
    not_label,
    not_label_value,
    not_mount_path,
    not_qualified,
    not_subdomain,
    not_variable,
    quantity,
)

Json = Mapping[str, Any]
Wrong = tuple[str, str]
"""Where something is, and the end of a sentence about it."""

_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LONGEST_NAME = 63


def refusals(job: Any) -> list[str]:
    """Why the operator would refuse a job that is complete, a sentence each."""
    read, said = strict(job, KIND)
    found = [f"{each.where} {each.what}" for each in said]
    name = str(_mapping(read, "metadata").get("name", ""))
    longest = max((len(each) for each in _services(name, read)), default=0)
    if not _NAME.fullmatch(name) or longest > _LONGEST_NAME:
        found.append(f"metadata.name = {short_repr(name)} makes no names of services")
    return found + [f"{where} {what}" for where, what in faults(read)]


def replicas(job: Json) -> Mapping[str, Json]:
    """The kinds of replicas."""
    found = _mapping(_mapping(job, "spec"), "tfReplicaSpecs")
    return {kind: spec for kind, spec in found.items() if isinstance(spec, Mapping)}


def containers(job: Json) -> list[Json]:
    """Of a replica of each kind."""
    found = []
    for spec in replicas(job).values():
        listed = _mapping(_mapping(spec, "template"), "spec").get("containers") or ()
        found += [each for each in listed if isinstance(each, Mapping)]
    return found


def count(job: Json) -> int:
    return sum(_number(spec.get("replicas")) for spec in replicas(job).values())


def gpus(container: Json) -> int:
    """Of a replica: its only resources that have a domain in their names."""
    limits = _mapping(_mapping(container, "resources"), "limits")
    return sum(_number(amount) for name, amount in limits.items() if "/" in name)


def faults(job: Json) -> Iterator[Wrong]:
    """What is wrong with a job whose fields were read by `strict`."""
    if (job.get("apiVersion"), job.get("kind")) != (f"{GROUP}/{VERSION}", KIND):
        yield "apiVersion and kind", f"are not {GROUP}/{VERSION} and {KIND}"
    kinds = replicas(job)
    if set(kinds) != {CHIEF, WORKER}:
        yield "spec.tfReplicaSpecs", f"must have {CHIEF} and {WORKER}, and no other"
        return
    if kinds[CHIEF].get("replicas") != 1:
        yield f"{CHIEF}.replicas", "must be 1"
    if _number(kinds[WORKER].get("replicas")) < 1:
        yield f"{WORKER}.replicas", "must be 1 or more"
    if kinds[CHIEF].get("template") != kinds[WORKER].get("template"):
        yield "spec.tfReplicaSpecs", "has two templates, and all replicas run the same"
    for kind, spec in kinds.items():
        if spec.get("restartPolicy") != "Never":
            yield f"{kind}.restartPolicy", "must be Never: the others cannot go on with a new one"
        yield from _pod(_mapping(_mapping(spec, "template"), "spec"), kind)


def _pod(pod: Json, kind: str) -> Iterator[Wrong]:
    listed: Sequence[Json] = pod.get("containers") or []
    if len(listed) != 1 or listed[0].get("name") != CONTAINER:
        yield f"{kind}.containers", f"must be one, called {CONTAINER}"
        return
    [container] = listed
    if tuple(container.get("command") or ()) != COMMAND:
        yield f"{kind}.command", f"must be `{' '.join(COMMAND)}`"
    if not container.get("image"):
        yield f"{kind}.image", "is missing"
    yield from _variables(container, kind)
    yield from _amounts(_mapping(container, "resources"), kind)
    yield from _volumes(pod, container, kind)
    for key, value in _mapping(pod, "nodeSelector").items():
        why = not_qualified(key) or not_label_value(value)
        if why:
            yield f"{kind}.nodeSelector", f"has {short_repr(key)}: {short_repr(value)}, which {why}"
    for secret in pod.get("imagePullSecrets") or ():
        why = not_subdomain(str(secret.get("name", "")))
        if why:
            yield f"{kind}.imagePullSecrets", why


def _variables(container: Json, kind: str) -> Iterator[Wrong]:
    seen: set[str] = set()
    for each in container.get("env") or ():
        name = str(each.get("name", ""))
        where = f"the variable {short_repr(name)} of {kind}"
        why = not_variable(name)
        if why:
            yield where, why
        if name in seen:
            yield where, "is set twice"
        seen.add(name)
        source = _mapping(_mapping(each, "valueFrom"), "secretKeyRef")
        if ("value" in each) == bool(source):
            yield where, "needs a value, or a key of a secret"
        elif source:
            why = not_subdomain(str(source.get("name", ""))) or not_key(str(source.get("key", "")))
            if why:
                yield where, f"is from a secret whose name or key {why}"
    if ROOT not in seen:
        yield f"{kind}.env", f"has no {ROOT}, below which a replica has its files"
    if "TF_CONFIG" in seen:
        yield f"{kind}.env", f"sets TF_CONFIG, as the operator does; its own are {', '.join(OWN)}"


def _amounts(resources: Json, kind: str) -> Iterator[Wrong]:
    for bound in ("requests", "limits"):
        for name, text in _mapping(resources, bound).items():
            value = quantity(str(text))
            if value is None or value <= 0:
                yield f"{kind}.{bound}.{name}", f"= {short_repr(text)} is no quantity over 0"
    requests, limits = (_mapping(resources, bound) for bound in ("requests", "limits"))
    for name in sorted(set(requests) & set(limits)):
        least, most = quantity(str(requests[name])), quantity(str(limits[name]))
        if least and most and least > most:
            yield f"{kind}.requests.{name}", f"= {requests[name]} is over its limit {limits[name]}"


def _volumes(pod: Json, container: Json, kind: str) -> Iterator[Wrong]:
    known = {}
    for volume in pod.get("volumes") or ():
        name = str(volume.get("name", ""))
        if not_label(name) or name in known:
            yield f"{kind}.volumes", f"has {short_repr(name)} twice, or as a name that is none"
        if len(set(volume) - {"name"}) != 1:
            yield f"{kind}.volumes.{name}", "must be one thing: a folder, a secret or a claim"
        known[name] = volume
        for source, key, refused in (
            ("secret", "secretName", not_subdomain),
            ("persistentVolumeClaim", "claimName", not_subdomain),
        ):
            why = source in volume and refused(str(_mapping(volume, source).get(key, "")))
            if why:
                yield f"{kind}.volumes.{name}", why
    paths: list[str] = []
    for mount in container.get("volumeMounts") or ():
        path = str(mount.get("mountPath", ""))
        if mount.get("name") not in known:
            yield f"{kind}.volumeMounts", f"has {short_repr(mount.get('name'))}, which is no volume"
        why = not_mount_path(path)
        if why or path in paths:
            yield f"{kind}.volumeMounts", f"has {short_repr(path)}, which {why or 'is there twice'}"
        paths.append(path)
    own = [e.get("value") for e in container.get("env") or () if e.get("name") == ROOT]
    if own and own[0] not in paths:
        yield f"{kind}.volumeMounts", f"has no folder at {short_repr(own[0])}, where files go"


def _services(name: str, job: Json) -> Iterator[str]:
    for kind, spec in replicas(job).items():
        yield f"{name}-{kind.lower()}-{max(0, _number(spec.get('replicas')) - 1)}"


def _mapping(value: Any, key: str) -> Json:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _number(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0
