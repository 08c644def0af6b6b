"""What can be set for each run on a cluster without compiling again. Pure.

TFX takes most settings as JSON inside one input of a node, where Kubeflow can fill in nothing. So
such a parameter becomes an input of its own, and the entry point puts it where TFX looks for it.
"""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The entry point of a step has no use for pydantic.
    from pipeline.settings import Settings

Json = dict[str, Any]


class RunParameterError(ValueError):
    """A run was given a value that a node cannot take."""


@dataclasses.dataclass(frozen=True)
class RunParameter:
    """A parameter of the pipeline and the node that takes it."""

    task: str
    input: str
    keys: tuple[str | int, ...] = ()
    """Where inside the JSON of the input; nothing for the input itself."""
    kind: str = "STRING"


RUN_PARAMETERS: Mapping[str, RunParameter] = {
    "data": RunParameter("ExampleGen", "input_base"),
    "epochs": RunParameter("Trainer", "custom_config", ("training", "epochs"), "NUMBER_INTEGER"),
    "hub_handle": RunParameter("Trainer", "custom_config", ("hub", "handle")),
    "hub_sha256": RunParameter("Trainer", "custom_config", ("hub", "sha256")),
    "metric_min": RunParameter(
        "Evaluator",
        "eval_config",
        (
            *("metrics_specs", 0, "metrics", 0, "per_slice_thresholds", 0),
            *("threshold", "value_threshold", "lower_bound"),
        ),
        "NUMBER_DOUBLE",
    ),
}
"""`metric_min` is the value threshold of the first metric over all examples."""


def run_parameters(settings: Settings) -> dict[str, RunParameter]:
    """Those that fit the settings: without a threshold over all examples a slice comes first."""
    overall = settings.evaluation.metrics[0].overall.min is not None
    return {n: found for n, found in RUN_PARAMETERS.items() if overall or n != "metric_min"}


def expose(spec: Mapping[str, Any], parameters: Mapping[str, RunParameter]) -> Json:
    """`spec` with these as parameters of the pipeline, what was compiled as their defaults.

    A parameter whose place is not there, such as a threshold that the settings do not set, or that
    is null, is left out.
    """
    made = copy.deepcopy(dict(spec))
    tasks = made["root"]["dag"]["tasks"]
    for name, parameter in parameters.items():
        if parameter.task not in tasks:
            continue
        given = tasks[parameter.task]["inputs"]["parameters"]
        constant = given[parameter.input]["runtimeValue"]["constant"]
        default = _get(json.loads(constant), parameter.keys) if parameter.keys else constant
        if default is None:
            continue
        key = name if parameter.keys else parameter.input
        given[key] = {"componentInputParameter": name}
        component = made["components"][tasks[parameter.task]["componentRef"]["name"]]
        definition = {"parameterType": parameter.kind}
        component["inputDefinitions"]["parameters"][key] = definition
        inputs = made["root"].setdefault("inputDefinitions", {}).setdefault("parameters", {})
        inputs[name] = {**definition, "defaultValue": default}
    return made


def filled_in(executor_input: Mapping[str, Any]) -> Json:
    """The ExecutorInput of a task with its parameters of the run where TFX looks for them.

    An empty `hub_sha256` means that nothing is pinned.

    Raises:
      RunParameterError: a value is not of the parameter's type.
    """
    result = copy.deepcopy(dict(executor_input))
    values = result.get("inputs", {}).get("parameterValues", {})
    for name, parameter in RUN_PARAMETERS.items():
        if not parameter.keys or name not in values or parameter.input not in values:
            continue
        value = values.pop(name)
        if parameter.kind == "NUMBER_INTEGER":
            # Every number is a double in the messages of Kubeflow, and its server takes any.
            if not float(value).is_integer():
                raise RunParameterError(f"Parameter {name} = {value} must be a whole number.")
            value = int(value)
        document = json.loads(values[parameter.input])
        _get(document, parameter.keys[:-1])[parameter.keys[-1]] = None if value == "" else value
        values[parameter.input] = json.dumps(document, sort_keys=True)
    return result


def _get(document: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):  # TypeError where a section is null
            return None
    return document
