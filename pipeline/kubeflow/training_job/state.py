"""How a TFJob stands, from what Kubernetes tells of it and of its pods. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from documents.settings.section import short
from pipeline.kubeflow.training_job.manifest import CONTAINER, INDEX_LABEL, TYPE_LABEL

Json = Mapping[str, Any]

_STUCK = frozenset(
    {
        *("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"),
        *("CreateContainerConfigError", "CreateContainerError", "RunContainerError"),
    }
)
"""Why a container waits that will hardly ever start."""
_LONGEST_WORDS = 400


@dataclasses.dataclass(frozen=True)
class State:
    """One look at a job."""

    outcome: Literal["waiting", "done", "failed"]
    line: str
    """Of progress."""
    why: str = ""
    """The end of a sentence, where it failed."""
    is_taken_up: bool = True
    """Whether the operator has said anything of it."""
    stuck: str = ""
    """Which replica waits for what it will hardly get."""


def state(job: Json, pods: Sequence[Json]) -> State:
    """What is to be said of `job`, whose pods are `pods`, in the JSON of Kubernetes' API."""
    replicas = sorted((_replica(pod), pod) for pod in pods if _replica(pod) != ("", -1))
    shown = ", ".join(f"{_name(who)} {_phase(pod)}" for who, pod in replicas)
    conditions = _true(job)
    line = shown or (f"the job is {conditions[-1].lower()}" if conditions else "nobody has begun")
    if "Failed" in conditions:
        return State("failed", line, _why(job, replicas))
    if "Succeeded" in conditions:
        return State("done", line)
    stuck = next((said for who, pod in replicas if (said := _stuck(who, pod))), "")
    return State("waiting", line, "", bool(conditions or replicas), stuck)


def _true(job: Json) -> list[str]:
    found = job.get("status", {}).get("conditions") or ()
    return [str(each.get("type")) for each in found if each.get("status") == "True"]


def _why(job: Json, replicas: Sequence[tuple[tuple[str, int], Json]]) -> str:
    failed = []
    for who, pod in replicas:
        ended = _terminated(pod)
        if pod.get("status", {}).get("phase") == "Failed" or ended.get("exitCode"):
            # Those that are left notice it in the same second at best.
            is_killed = int(ended.get("exitCode") or 0) > 128
            failed.append((str(ended.get("finishedAt") or "~"), not is_killed, who, pod, ended))
    if not failed:
        told = [
            str(each.get("message", ""))
            for each in job.get("status", {}).get("conditions") or ()
            if each.get("type") == "Failed"
        ]
        return f"failed: {_words(told[-1]) or 'it does not say why'}"
    *_, who, pod, ended = min(failed, key=lambda each: each[:3])
    status = pod.get("status", {})
    reason = ended.get("reason") or status.get("reason") or ""
    code = f"exit code {ended['exitCode']}" if "exitCode" in ended else ""
    how = ", ".join(part for part in (reason if reason != "Error" else "", code) if part)
    said = _words(str(ended.get("message") or status.get("message") or ""))
    return f"failed with {_name(who)}{f' ({how})' if how else ''}" + (f": {said}" if said else "")


def _words(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return short(lines[-1], _LONGEST_WORDS).rstrip(".") if lines else ""


def _replica(pod: Json) -> tuple[str, int]:
    labels = pod.get("metadata", {}).get("labels") or {}
    index = str(labels.get(INDEX_LABEL, ""))
    kind = str(labels.get(TYPE_LABEL, ""))
    return (kind, int(index)) if kind and index.isdecimal() else ("", -1)


def _name(who: tuple[str, int]) -> str:
    return f"{who[0]} {who[1]}"


def _phase(pod: Json) -> str:
    phase = str(pod.get("status", {}).get("phase", "")).lower() or "pending"
    waits = _container(pod).get("state", {}).get("waiting", {}).get("reason")
    for condition in pod.get("status", {}).get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            waits = waits or condition.get("reason")
    return f"{phase} ({waits})" if waits and phase == "pending" else phase


def _container(pod: Json) -> Json:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return next((each for each in statuses if each.get("name") == CONTAINER), {})


def _terminated(pod: Json) -> Json:
    found: Json = _container(pod).get("state", {}).get("terminated") or {}
    return found


def _stuck(who: tuple[str, int], pod: Json) -> str:
    found = _container(pod).get("state", {}).get("waiting") or {}
    reason = str(found.get("reason", ""))
    if reason not in _STUCK:
        return ""
    said = _words(str(found.get("message", "")))
    return f"{_name(who)} cannot start: {reason}" + (f" ({said})" if said else "")
