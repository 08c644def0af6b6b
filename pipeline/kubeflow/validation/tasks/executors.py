"""Checks of what executors of this project are given: artifacts by name, and text that they read.

A step that is given what it cannot read fails on the cluster, after minutes or hours. So the
readers of the steps read it here, with the values that the run's parameters have.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from components.example_gen.rows.options import RowsSection
from documents.settings.section import short
from models.declaration import Declaration
from pipeline.kubeflow.postprocess import CLASS_FLAG, DRIVER_FLAG, Target
from pipeline.kubeflow.run_parameters import RUN_PARAMETERS, RunParameterError, filled_in
from pipeline.kubeflow.validation.documents import Documents, Task, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import AGAIN, Said
from pipeline.kubeflow.validation.tasks import readers
from pipeline.kubeflow.validation.tasks.containers import flags
from pipeline.kubeflow.validation.tasks.readers import Reader, message, section, splits


@dataclasses.dataclass(frozen=True)
class Executor:
    """What an executor cannot do without, and how it reads its parameters."""

    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    reads: Mapping[str, Reader] = MappingProxyType({})
    """By parameter; all of them have to be there."""


_PROTOS = "tfx.proto"
_EXAMPLES = f"{_PROTOS}.example_gen_pb2"
_FILES: Mapping[str, Reader] = {
    "input_base": readers.text,
    "output_config": message(_EXAMPLES, "Output"),
    "output_data_format": readers.number_of(_EXAMPLES, "PayloadFormat"),
    "output_file_format": readers.number_of(_EXAMPLES, "FileFormat"),
    "declaration": section(Declaration),
}
EXECUTORS: Mapping[str, Executor] = {
    "components.example_gen.executor.Executor": Executor(
        (),
        ("examples",),
        {
            **_FILES,
            "input_config": readers.input_config,
            "eval_examples": readers.at_least(1),
            "shards": readers.at_least(1),
        },
    ),
    "components.example_gen.rows.executor.Executor": Executor(
        (),
        ("examples",),
        {**_FILES, "input_config": readers.input_config, "rows": section(RowsSection)},
    ),
    "components.import_schema_gen.executor.Executor": Executor(
        (), ("schema",), {"schema_text": readers.schema_text, "schema_sha256": readers.sha256}
    ),
    "tfx.components.statistics_gen.executor.Executor": Executor(
        ("examples", "schema"), ("statistics",), {"exclude_splits": readers.split_names}
    ),
    "components.example_validator.executor.Executor": Executor(
        ("schema", "statistics"),
        ("anomalies",),
        {
            "exclude_splits": readers.split_names,
            "on_anomaly": readers.one_of("stop", "warn"),
        },
    ),
    "tfx.components.transform.executor.Executor": Executor(
        ("examples", "schema"),
        ("transform_graph",),
        {
            "custom_config": readers.transform_config,
            "splits_config": splits(f"{_PROTOS}.transform_pb2", "SplitsConfig", "analyze"),
        },
    ),
    "components.trainer.executor.Executor": Executor(
        ("examples", "schema", "transform_graph"),
        ("model", "model_run"),
        {
            "custom_config": readers.trainer_config,
            "train_args": splits(f"{_PROTOS}.trainer_pb2", "TrainArgs", "splits"),
            "eval_args": splits(f"{_PROTOS}.trainer_pb2", "EvalArgs", "splits"),
        },
    ),
    "components.baseline.executor.Executor": Executor(
        ("model",), ("baseline",), {"base_path": readers.text}
    ),
    "components.evaluator.executor.Executor": Executor(
        ("baseline_model", "examples", "model"),
        ("blessing", "evaluation"),
        {
            "eval_config": readers.eval_config,
            "example_splits": readers.split_names,
            "smallest_slice": readers.at_least(1),
        },
    ),
    "components.serving_check.executor.Executor": Executor(
        ("baseline", "examples", "model"),
        ("blessing", "report"),
        {"model_name": readers.model_name, "options": readers.serving_check},
    ),
    "components.pusher.executor.Executor": Executor(
        ("infra_blessing", "model", "model_blessing"),
        ("pushed_model",),
        {
            "custom_config": readers.pusher_config,
            "push_destination": message(f"{_PROTOS}.pusher_pb2", "PushDestination"),
        },
    ),
}
"""By class."""


def artifacts(documents: Documents, target: Target) -> Iterator[Said]:
    for task, executor in _known(documents):
        wanted = [("input", executor.takes)]
        if DRIVER_FLAG not in (task.container.get("args") or ()):
            wanted.append(("output", executor.gives))
        for side, names in wanted:
            has = task.defined(side, "artifacts")
            for name in names:
                if name not in has or (side == "input" and name not in task.given("artifacts")):
                    yield Said(task.name, f"has no {side} {name}, which its executor needs")


def parameters(documents: Documents, target: Target) -> Iterator[Said]:
    for task, executor in _known(documents):
        values = _values(task)
        given = task.given("parameters")
        for name, read in executor.reads.items():
            where = f"{task.name}.{name}"
            if name not in given:
                yield Said(where, "is not given, and its executor reads it")
            elif name in values:
                try:
                    read(values[name])
                except ValueError as error:
                    yield Said(where, short(error, 400), _advice(task, name))
                except RecursionError:
                    yield Said(where, "is nested too deeply")
        text, digest = values.get("schema_text"), values.get("schema_sha256")
        if text and digest and hashlib.sha256(str(text).encode()).hexdigest() != digest:
            yield Said(f"{task.name}.schema_sha256", "is not the digest of schema_text")


def _known(documents: Documents) -> Iterator[tuple[Task, Executor]]:
    for task in documents.all_tasks():
        path = flags(task.container).get(CLASS_FLAG, "")
        if path in EXECUTORS:
            yield task, EXECUTORS[path]


def _values(task: Task) -> dict[str, Any]:
    """Parameters as the step reads them, as far as the file tells."""
    found = dict(task.constants())
    for key, source in task.given("parameters").items():
        origin = mapping(task.dag.inputs("parameters"), str(source.get("componentInputParameter")))
        if origin.get("defaultValue") is not None:
            found[key] = origin["defaultValue"]
    try:
        filled = filled_in({"inputs": {"parameterValues": found}})
    except (ValueError, RunParameterError, LookupError, TypeError, OverflowError, RecursionError):
        return found  # What cannot be filled in is no JSON, or is told by the checks of types.
    return dict(filled["inputs"]["parameterValues"])


def _advice(task: Task, name: str) -> str:
    inside = [
        key
        for key, parameter in RUN_PARAMETERS.items()
        if parameter.keys and parameter.input == name and key in task.given("parameters")
    ]
    return f"{AGAIN}, or mend --param {' or '.join(inside)}" if inside else AGAIN


CHECKS = (
    Check("executor-artifacts", artifacts),
    Check("executor-parameters", parameters),
)
