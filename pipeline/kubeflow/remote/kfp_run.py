"""What the API of Kubeflow Pipelines says of a run, as a Run. Pure.

The API lists the nodes of Argo's workflow, several for each of ours: `Trainer-driver`, the graph
`Trainer`, and in it `executor`, with retries `executor(0)`, `executor(1)` … It names neither their
parents nor their pods, but Argo derives the ids of nodes from their names, and ids of children are
listed. (backend/src/apiserver/server/api_converter.go, backend/src/v2/compiler/argocompiler)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short
from pipeline.kubeflow.remote.run import Node, Run, RunState, State, parse_time
from pipeline.kubeflow.validation.documents import Documents, mapping

Json = Mapping[str, Any]

_RUN_STATES: dict[str, RunState] = {
    "PENDING": "pending",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "SKIPPED": "succeeded",
    "FAILED": "failed",
    "CANCELING": "cancelling",
    "CANCELED": "cancelled",
    "PAUSED": "paused",
}
_NODE_STATES: dict[str, State] = {
    "PENDING": "running",
    "RUNNING": "running",
    "SUCCEEDED": "done",
    "SKIPPED": "skipped",
    "FAILED": "failed",
    "CANCELING": "running",
    "CANCELED": "cancelled",
    "PAUSED": "paused",
}
_INNER = re.compile(r"root|root-driver|executor(\(\d+\))?|.*-driver|.*\.onExit")
_MOST_ATTEMPTS = 100


def read_run(document: Json, page: str | None = None) -> Run:
    """The run in an answer of `GET runs/ID` or `GET runs`; tolerates what is not there."""
    details = _list(mapping(document, "run_details").get("task_details"))
    spec = mapping(document, "pipeline_spec")
    documents = Documents(mapping(spec, "pipeline_spec") or spec, {})
    state = _RUN_STATES.get(str(document.get("state")), "pending")
    return Run(
        id=str(document.get("run_id") or ""),
        name=str(document.get("display_name") or ""),
        state=state,
        created=parse_time(document.get("created_at")),
        ended=parse_time(document.get("finished_at")),
        nodes=tuple(_nodes(documents, details, over=state in ("failed", "succeeded", "cancelled"))),
        error=_error(document),
        root=mapping(document, "runtime_config").get("pipeline_root") or None,
        page=page,
    )


def node_id(workflow: str, path: str) -> str:
    """Argo's id of a node: the workflow's name and FNV-1a, 32 bits, of the node's own."""
    value = 0x811C9DC5
    for byte in f"{workflow}.{path}".encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{workflow}-{value}"


def _nodes(documents: Documents, details: list[Json], *, over: bool) -> Iterator[Node]:
    by_name: dict[str, Json] = {}
    for detail in details:
        by_name.setdefault(str(detail.get("display_name")), detail)
    workflow = _workflow(details)
    names = task_names(documents) or [
        name for name in by_name if not _INNER.fullmatch(name) and name != workflow
    ]
    children = {
        str(child.get("pod_name"))
        for detail in details
        for child in _list(detail.get("child_tasks"))
    }
    skipped = [
        parse_time(detail.get("start_time"))
        for detail in details
        if detail.get("display_name") == "executor" and detail.get("state") == "SKIPPED"
    ]
    for name in names:
        own, driver = by_name.get(name), by_name.get(f"{name}-driver")
        task = mapping(documents.tasks, name)
        tried = _tried(workflow, name, children)
        state = _state(own, driver, over=over)
        began = [parse_time(detail.get("start_time")) for detail in (driver, own) if detail]
        last = own if own and own.get("state") else driver
        ended = parse_time(last.get("end_time")) if last else None
        if state == "done" and own and _was_cached(own, skipped):
            state = "cached"
        yield Node(
            name=name,
            state=state,
            started=None if state == "skipped" else next((t for t in began if t), None),
            ended=ended if state not in ("waiting", "running") else None,
            attempts=max(1, tried),
            error=(_error(own) if own else None) or (_error(driver) if driver else None),
            logs=tuple(_pods(workflow, name, tried, own, retried="retryPolicy" in task)),
        )


def _state(own: Json | None, driver: Json | None, *, over: bool) -> State:
    said = str((own or {}).get("state") or "")
    if said in _NODE_STATES:
        return _NODE_STATES[said]
    # What never begins is "omitted" in Argo, for which the API has no word: the entry has no state.
    omitted = own is not None
    of_driver = _NODE_STATES.get(str((driver or {}).get("state") or ""))
    if of_driver in ("failed", "cancelled"):
        return of_driver
    if over or omitted:
        return "skipped"
    return "waiting" if of_driver is None else "running"


def _was_cached(own: Json, skipped: list[Any]) -> bool:
    """Whether an executor was left out in the very moment in which the node began and ended.

    A container that runs takes seconds just to start.
    """
    begun, ended = parse_time(own.get("start_time")), parse_time(own.get("end_time"))
    if begun is None or ended is None or (ended - begun).total_seconds() > 1:
        return False
    return any(moment is not None and begun <= moment <= ended for moment in skipped)


def _tried(workflow: str, name: str, children: set[str]) -> int:
    """Attempts that a node with retries had so far; 0 for one without."""
    tried = 0
    while tried < _MOST_ATTEMPTS:
        if node_id(workflow, f"root.{name}.executor({tried})") not in children:
            break
        tried += 1
    return tried


def _pods(
    workflow: str, name: str, tried: int, own: Json | None, *, retried: bool
) -> Iterator[str]:
    """Pods whose log may be the node's, the likeliest first."""
    if own and own.get("pod_name"):
        yield str(own["pod_name"])
    if not workflow:
        return
    driver = f"{workflow}-system-container-driver-{_number(workflow, f'{name}-driver')}"
    if own is None or not own.get("state"):
        yield driver
    paths = [f"executor({attempt})" for attempt in reversed(range(tried))]
    # An older server lists no children of the executor.
    if not tried:
        paths = ["executor(0)", "executor"] if retried else ["executor", "executor(0)"]
    kinds = ["system-container-impl", "retry-system-container-impl"]
    for path in paths:
        number = _number(workflow, f"{name}.{path}")
        for kind in reversed(kinds) if retried or "(" in path else kinds:
            yield f"{workflow}-{kind}-{number}"


def _number(workflow: str, path: str) -> str:
    return node_id(workflow, f"root.{path}").rpartition("-")[2]


def _workflow(details: list[Json]) -> str:
    """The name of Argo's workflow, which the ids of all its nodes begin with."""
    for detail in details:
        for child in _list(detail.get("child_tasks")):
            name, _, number = str(child.get("pod_name") or "").rpartition("-")
            if name and number.isdigit():
                return name
    return ""


def task_names(documents: Documents) -> list[str]:
    """Names of the tasks, producers first."""
    waiting = {
        name: set(
            map(str, as_list(task.get("dependentTasks") if isinstance(task, Mapping) else []))
        )
        for name, task in documents.tasks.items()
    }
    ordered: list[str] = []
    while waiting:
        # A cycle cannot run, but it can be asked for.
        ready = [n for n in waiting if not waiting[n] & waiting.keys()] or list(waiting)
        ordered += ready
        for name in ready:
            del waiting[name]
    return ordered


def _error(document: Json) -> str | None:
    error = document.get("error")
    message = error.get("message") if isinstance(error, Mapping) else None
    return short(" ".join(str(message).split()), 300) if message else None


def as_list(value: Any) -> list[Any]:
    """The list, or an empty one where it is none."""
    return value if isinstance(value, list) else []


def _list(value: Any) -> list[Json]:
    return [one for one in as_list(value) if isinstance(one, Mapping)]
