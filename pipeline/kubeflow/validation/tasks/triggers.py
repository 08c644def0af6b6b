"""Checks of when a task runs and how often: conditions and retries. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, Task, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import Said
from pipeline.kubeflow.validation.tasks.condition import ConditionError, check_condition

_USED = re.compile(r"inputs\.parameter_values\[\s*['\"]([^'\"]*)['\"]\s*\]")
_OUTPUTS = re.compile(r"(?<![\w.'\"])outputs\b")
_OLD = re.compile(r"\binputs\.parameters\b")
_MOST_RETRIES = 100
_RETRY = "set kubeflow.all.retry (or that of the node) to what Argo takes, and compile again"


def conditions(documents: Documents, target: Target) -> Iterator[Said]:
    fix = "write an expression of CEL such as inputs.parameter_values['epochs'] > 1.0"
    for task in documents.all_tasks():
        text = mapping(task.spec, "triggerPolicy").get("condition", "")
        if not text:
            continue
        where = f"the condition {short_repr(text)} of {task.name}"
        try:
            check_condition(text)
        except ConditionError as error:
            yield Said(where, str(error), fix)
            continue
        if _OUTPUTS.search(text):
            yield Said(where, "asks for outputs, which nothing has before it runs", fix)
        if _OLD.search(text):
            yield Said(where, "asks for inputs.parameters, which is empty", fix)
        for name in sorted(set(_USED.findall(text)) - set(task.given("parameters"))):
            yield Said(where, f"asks for {name}, which the task is not given", fix)
        if "importer" in task.executor:
            yield Said(where, "is one of an importer, which cannot have any", "take it away")


def retries(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        policy = task.spec.get("retryPolicy")
        if policy is not None:
            yield from _retries(task, policy, target)


def _retries(task: Task, policy: Mapping[str, Any], target: Target) -> Iterator[Said]:
    times, factor = policy.get("maxRetryCount", 0), policy.get("backoffFactor", 1.0)
    waits = {key: policy[key] for key in ("backoffDuration", "backoffMaxDuration") if key in policy}
    where = f"{task.name}.retryPolicy"
    if not 0 <= times <= _MOST_RETRIES:
        yield Said(where, f"tries {times} times again; 0 to {_MOST_RETRIES} make sense", _RETRY)
    if factor < 0 or (target == "oss" and not float(factor).is_integer()):
        what = (
            f"has the backoffFactor {factor:g}, and Argo reads whole numbers only: the node fails"
        )
        yield Said(where, what, _RETRY)
    for key, wait in waits.items():
        if wait.startswith("-"):
            yield Said(where, f"has the {key} {wait}, which is before it began", _RETRY)
        elif not float(wait[:-1]).is_integer():
            yield Said(where, f"has the {key} {wait}, of which only whole seconds are read", _RETRY)


def lost_retries(documents: Documents, target: Target) -> Iterator[Said]:
    """Argo counts backoffMaxDuration from the start of the first attempt, and gets 0 for none."""
    for task in documents.all_tasks():
        policy = mapping(task.spec, "retryPolicy")
        window = float(str(policy.get("backoffMaxDuration", "0s"))[:-1])
        wait = float(str(policy.get("backoffDuration", "0s"))[:-1])
        factor, times = policy.get("backoffFactor") or 1.0, policy.get("maxRetryCount", 0)
        if target != "oss" or not 0 < times <= _MOST_RETRIES:
            continue
        waits = sum(wait * factor**number for number in range(times))
        if not window:
            what = "has no backoffMaxDuration, and without one nothing is tried again"
            yield Said(f"{task.name}.retryPolicy", what, _RETRY)
        elif waits >= window:
            yield Said(
                f"{task.name}.retryPolicy",
                f"gives up {window:g} s after the first attempt began, and the waits of {times} "
                f"retries alone take {waits:g} s",
                _RETRY,
            )


CHECKS = (
    Check("conditions", conditions),
    Check("retries", retries),
    Check("lost-retries", lost_retries),
)
