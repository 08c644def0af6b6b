"""What somebody logged about a run or an execution as a whole, as Vertex's experiments do. Pure.

Its client keeps metrics and parameters in two structs of the record
(google/cloud/aiplatform/metadata/constants.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from documents.slice import OVERALL
from inspection.evidence.metrics import Metric
from inspection.history.history import History
from inspection.history.json_value import json_object
from inspection.history.records import Run, Value
from inspection.stores import kubeflow
from inspection.stores.stored import BY_HAND

METRICS, PARAMETERS = "_metrics", "_params"
RUN = "run"
"""Stands for the run where others have a node."""
_LOGGING = ("system.", "google.")


def metrics_of_run(run: Run) -> list[Metric]:
    """What was logged as a metric; empty for runs of pipelines, where nodes measure."""
    return logged_metrics(run.properties) if run.type == BY_HAND else []


def settings_of_run(run: Run) -> dict[str, str]:
    """What was logged as a parameter, likewise."""
    if run.type != BY_HAND:
        return {}
    return {
        name: _told(value) for name, value in json_object(run.properties.get(PARAMETERS)).items()
    }


def logging_steps(history: History) -> Iterator[int]:
    """The ids of executions that have metrics of their own."""
    steps = history.steps
    for id in steps.of_types(may_log):
        if METRICS in steps[id].properties:
            yield id


def logged_metrics(properties: Mapping[str, Value]) -> list[Metric]:
    """Numbers only; others are texts about the run."""
    return [
        Metric(name, OVERALL, float(value))
        for name, value in json_object(properties.get(METRICS)).items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    ]


def may_log(type: str) -> bool:
    """Of pipelines the nodes' outputs tell, and there may be very many."""
    return type.startswith(_LOGGING) and type not in (kubeflow.GRAPH, kubeflow.NODE)


def _told(value: Any) -> str:
    """As settings of nodes are told: 3 and not 3.0, since numbers of structs are doubles."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
