"""The task that runs ExampleGen's driver before it on open-source Kubeflow. Pure.

Kubeflow's cache sees of the data only its address, so ExampleGen would either run each time, and
all after it, or miss new data. Its driver, as a task of its own, hands span and fingerprint over as
parameters, which the key of the cache holds. On Vertex AI the hook `preCacheCheck` does the same.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from pipeline.kubeflow.entry.decision import OUTPUTS

Json = dict[str, Any]

SPEC_FLAG = "--json_serialized_inputs_spec_args"
SUFFIX = "Driver"
"""ExampleGen's is ExampleGenDriver."""


def driver_name(task: str) -> str:
    return task + SUFFIX


def add_driver_tasks(spec: Mapping[str, Any]) -> tuple[Json, dict[str, str]]:
    """`spec` with a task before each whose container has a hook, in place of the hook.

    Returns:
      The spec, and the added tasks: by name that of the task after it.
    """
    made = copy.deepcopy(dict(spec))
    tasks = made["root"]["dag"]["tasks"]
    added = {}
    for name in list(tasks):
        component = made["components"][tasks[name]["componentRef"]["name"]]
        label = component["executorLabel"]
        container = made["deploymentSpec"]["executors"][label]["container"]
        hook = container.pop("lifecycle", {}).get("preCacheCheck")
        if hook is None:
            continue
        driver = driver_name(name)
        added[driver] = name
        inputs = component["inputDefinitions"]["parameters"]
        made["components"][driver] = {
            "executorLabel": f"{driver}_executor",
            "inputDefinitions": {"parameters": copy.deepcopy(inputs)},
            "outputDefinitions": {
                "parameters": {key: {"parameterType": kind} for key, kind in OUTPUTS.items()}
            },
        }
        made["deploymentSpec"]["executors"][f"{driver}_executor"] = {
            "container": {
                "image": container["image"],
                "command": list(hook["command"]),
                "args": [*hook["args"], *_inputs_spec(container, hook)],
            }
        }
        given = tasks[name]["inputs"]["parameters"]
        tasks[driver] = {
            "componentRef": {"name": driver},
            "inputs": {"parameters": copy.deepcopy(given)},
            "taskInfo": {"name": driver},
        }
        for key, kind in OUTPUTS.items():
            inputs[key] = {"parameterType": kind}
            given[key] = {
                "taskOutputParameter": {"producerTask": driver, "outputParameterKey": key}
            }
        needed = tasks[name].setdefault("dependentTasks", [])
        needed.append(driver)
    return made, added


def _inputs_spec(container: Mapping[str, Any], hook: Mapping[str, Any]) -> list[str]:
    """The types of the parameters, which the driver reads as the executor does."""
    arguments = container.get("args", [])
    if SPEC_FLAG not in arguments or SPEC_FLAG in hook["args"]:
        return []
    return [SPEC_FLAG, arguments[arguments.index(SPEC_FLAG) + 1]]
