"""Which artifacts are models, and which model a run is about."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from inspection.history.history import History, OfType
from inspection.history.ids import Record, UnknownIdError, short
from inspection.history.pushes import PUSHED
from inspection.history.records import Artifact, Run, Step

MODEL_TYPES = frozenset({"Model", "system.Model", "google.VertexModel"})
_MODEL_KEYS = ("model", "model_export")
# Before TFX 1 they were nodes; Kubeflow has an importer for data of the cluster and of a workspace.
_PASSING_ON = re.compile(
    r"(?:^|\.)(?:Baseline|Resolver(?:Node)?|Importer(?:Node|(?:Workspace)?Execution)?)$|"
    # Components of others are called after these.
    r"(?:Baseline|Resolver|Importer)$"
)


# TFX declares what is pushed a model, too.
_NO_MODELS = frozenset({PUSHED, "ModelBlessing", "InfraBlessing", "ModelEvaluation", "ModelRun"})


def _of(type: str) -> OfType:
    return lambda artifact: artifact.type == type


_JUDGED = {type: _of(type) for type in (PUSHED, "ModelBlessing", "InfraBlessing")}
"""What is made of a model that may be pushed, the last first."""


def is_any_model(artifact: Artifact) -> bool:
    """Whether its type is one for models, or is declared to be."""
    return artifact.type in MODEL_TYPES or (
        artifact.base == "Model" and artifact.type not in _NO_MODELS
    )


def is_model(history: History, artifact: Artifact) -> bool:
    """Whether a step trained it or rewrote it; a copy of what is live is no new model."""
    return is_any_model(artifact) and is_new(history, artifact.id)


def is_new(history: History, artifact: int) -> bool:
    """Whether something was made, and is no copy of what was there before."""
    producer = history.producer(artifact)
    return producer is None or not passes_on(producer)


def passes_on(step: Step) -> bool:
    """Whether what it has as outputs was there before: it imports, or chooses among what is."""
    return type_passes_on(step.type)


@functools.lru_cache(maxsize=512)
def type_passes_on(type: str) -> bool:
    """Likewise, by the type of the step."""
    return _PASSING_ON.search(type) is not None


def models(history: History) -> Iterator[Artifact]:
    """All models, oldest first."""
    types = [type for type, first in history.first_of_types.items() if is_any_model(first)]
    return (each for each in history.of_type(*types) if is_model(history, each))


def candidate(history: History, run: Run) -> Artifact | None:
    """The model that a run made, or took from the cache, and would push."""
    steps = history.last_steps_of(run.id)
    for wanted in _JUDGED:
        for step in reversed(steps):
            if history.outputs_like(step.id, _JUDGED[wanted]):
                found = candidate_of(history, step)
                if found:
                    return found
    made = [
        artifact
        for step in steps
        for artifact in history.outputs_like(step.id, is_any_model)
        if is_model(history, artifact)
    ]
    return made[-1] if made else None


def candidate_of(history: History, step: Step) -> Artifact | None:
    """The model that a step judged or pushed, not the one it was compared with."""
    found = candidate_id(history, step.id)
    return None if found is None else history.artifacts[found]


def candidate_id(history: History, step: int) -> int | None:
    """Likewise; for whoever asks about very many and needs no records."""
    models = history.input_ids_like(step, is_any_model)
    if len(models) < 2:
        # Only this project and TFX name what a model is compared with, and no Pusher compares.
        if history.steps.type_of(step).endswith("Pusher"):
            return models[0] if models else None
        return models[0] if models and not _is_baseline(history, step, models[0]) else None
    for key in _MODEL_KEYS:
        for id in history.input_ids(step, key):
            if id in models:
                return id
    return None


def _is_baseline(history: History, step: int, model: int) -> bool:
    """Whether a model is an input of a step as a baseline, and as nothing else."""
    return model in history.input_ids(step, "baseline_model") and not any(
        model in history.input_ids(step, key) for key in _MODEL_KEYS
    )


def model_of(history: History, record: Record) -> Artifact:
    """The model that a record is about: itself, what a run made, what was judged or pushed.

    Raises:
      UnknownIdError: it is about none.
    """
    found: Artifact | None = None
    if isinstance(record, Run):
        found = candidate(history, record)
    elif isinstance(record, Step):
        made = [each for each in history.output_artifacts(record.id) if is_model(history, each)]
        found = made[-1] if made else candidate_of(history, record)
    elif is_any_model(record):
        found = record
    else:
        producer = history.producer(record.id)
        found = candidate_of(history, producer) if producer else None
    if found is None:
        raise UnknownIdError(
            f"{short(record)} is about no model; name a model, a version, or a run that made one."
        )
    return found


def has_pusher(history: History, pipeline: str) -> bool:
    """Whether any run of a pipeline had a Pusher."""
    return pipeline in _pushing(history)


def is_pusher(step: Step) -> bool:
    """Whether a step is told to push, going by what it is called."""
    return _called_pusher(step.type, step.node)


def _called_pusher(type: str, node: str) -> bool:
    return "Pusher" in type or "pusher" in node.lower()


@functools.lru_cache(maxsize=2)
def _pushing(history: History) -> frozenset[str]:
    found = set()
    steps = history.steps
    for id in steps:
        if steps.run_of(id) is not None and _called_pusher(steps.type_of(id), steps.node_of(id)):
            found.add(history.pipeline_of(steps[id]) or "")
    return frozenset(found)
