"""All checks of a compiled file at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.kubeflow.parameter_values import parse_parameter_values
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation import places, run_settings, sizes, substitution
from pipeline.kubeflow.validation.documents import Documents, DocumentsError, read_documents
from pipeline.kubeflow.validation.finding import Check, Finding
from pipeline.kubeflow.validation.jobs import custom_jobs, training_jobs
from pipeline.kubeflow.validation.pods import environment, pods, resources, scheduling, volumes
from pipeline.kubeflow.validation.said import AGAIN, Said
from pipeline.kubeflow.validation.tasks import (
    artifacts,
    containers,
    executors,
    graph,
    parameters,
    triggers,
)


def fields(documents: Documents, target: Target) -> Iterator[Said]:
    """What the server cannot read as it is meant; it refuses the file, or drops the setting."""
    yield from documents.misread


def one_pipeline(documents: Documents, target: Target) -> Iterator[Said]:
    yield from documents.misplaced
    if documents.has_platform and target == "vertex":
        what = "has settings for Kubernetes, and Vertex AI's client reads one document only"
        yield Said("the file", what, "compile with --target vertex")


CHECKS = (
    Check("documents", one_pipeline),
    Check("fields", fields),
    *graph.CHECKS,
    *parameters.CHECKS,
    *artifacts.CHECKS,
    *triggers.CHECKS,
    *substitution.CHECKS,
    *sizes.CHECKS,
    *containers.CHECKS,
    *custom_jobs.CHECKS,
    *training_jobs.CHECKS,
    *executors.CHECKS,
    *resources.CHECKS,
    *environment.CHECKS,
    *places.CHECKS,
    *volumes.CHECKS,
    *scheduling.CHECKS,
    *pods.CHECKS,
    *run_settings.CHECKS,
)


def validate(documents: Documents, target: Target) -> list[Finding]:
    """What every check finds, in the order of the checks. Pure but for sources on disk."""
    return [found for check in CHECKS for found in check.findings(documents, target)]


def validate_file(file: Path, target: Target, parameters: Sequence[str] = ()) -> list[Finding]:
    """What is wrong with `file`; an unreadable one is a finding too.

    Args:
      parameters: `NAME=VALUE` items, with which the file is to run.

    Raises:
      ParameterError: one of `parameters` does not fit the pipeline's.
    """
    said = []
    if file.suffix != ".yaml":
        fix = "compile with --output NAME.yaml"
        what = f"{file} does not end in .yaml, as kfp asks"
        said.append(Finding("suffix", "error", what, fix, (str(file),)))
    try:
        documents = read_documents(file)
    except DocumentsError as error:
        problem = str(error).rstrip(".")
        return [*said, Finding("readable", "error", problem, AGAIN, (str(file),))]
    if parameters:
        values = parse_parameter_values(parameters, documents.parameters)
        documents = documents.run_with(values)
    return [*said, *validate(documents, target)]
