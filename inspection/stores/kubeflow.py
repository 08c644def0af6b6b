"""What Kubeflow's driver and launcher write, in the form in which the local runner writes it. Pure.

They give every node the type `system.ContainerExecution`, its parameters as one struct, artifacts a
prefix before TFX's type, whole numbers as doubles, and the graph an execution of its own
(backend/src/v2/metadata/client.go in kubeflow/pipelines). Nothing of this tells where a model came
from; what does is told as of any other run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from inspection.history.json_value import json_object
from inspection.history.records import Value

GRAPH = "system.DAGExecution"
NODE = "system.ContainerExecution"
_TFX = "tfx."
# Of the cluster, and other in each run: kept as TFX keeps what is private.
_PRIVATE = frozenset({"pod_name", "pod_uid", "namespace", "cache_fingerprint", "parent_dag_id"})
_DROPPED = frozenset({"inputs", "total_dag_tasks", "store_session_info"})
_PARENT, _ITERATION = "parent_dag_id", "iteration_index"


def wrote(type: str) -> bool:
    """Whether records of this type have properties as Kubeflow writes them."""
    return type == NODE or type.startswith(_TFX)


def artifact_type(type: str) -> str:
    """TFX's own name of it: `tfx.Examples` is `Examples`."""
    return type.removeprefix(_TFX)


def is_graph(type: str, properties: Mapping[str, Value]) -> bool:
    """Whether an execution stands for the whole pipeline, which locally has none."""
    return type == GRAPH and "parent_dag_id" not in properties


def is_group(type: str) -> bool:
    """Whether an execution stands for a part of the graph: a sub-pipeline, a condition, a loop."""
    return type == GRAPH


def was_skipped(type: str, state: str) -> bool:
    """Whether the condition of an execution was not met: its driver calls that canceled, as MLMD
    does, and a run that was stopped leaves its executions running."""
    return state == "canceled" and type in (GRAPH, NODE)


def parent(properties: Mapping[str, Value]) -> int | None:
    """The id of the graph that an execution is a part of."""
    found = properties.get(_PARENT, properties.get(f"__{_PARENT}__"))
    return int(found) if isinstance(found, (int, float)) else None


def name_in_loop(name: str, properties: Mapping[str, Value]) -> str:
    """Each round of a loop is a graph of its own, of one name with all others."""
    round = properties.get(_ITERATION)
    return f"{name}[{int(round)}]" if isinstance(round, (int, float)) and round >= 0 else name


def properties(type: str, found: Mapping[str, Value]) -> Mapping[str, Value]:
    """The properties of a record as TFX's launcher names them."""
    if not wrote(type):
        return found
    made: dict[str, Value] = {}
    for name, value in found.items():
        if name in _PRIVATE and type == NODE:
            made[f"__{name}__"] = value
        elif name not in _DROPPED:
            made[name] = _whole(value)
    if type == NODE:
        # Declared ones replace others of the same name.
        made.update(_parameters(found.get("inputs")))
    return made


def _parameters(inputs: Value | None) -> dict[str, Value]:
    return {
        name: _whole(value)
        if isinstance(value, (str, int, float))
        else json.dumps(value, sort_keys=True)
        for name, value in json_object(inputs).items()
    }


def _whole(value: Value) -> Value:
    if isinstance(value, bool):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
