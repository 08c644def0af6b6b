"""All checks of a compiled file at once."""

from __future__ import annotations

from pathlib import Path

from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation import containers, graph
from pipeline.kubeflow.validation.documents import Documents, DocumentsError, read_documents
from pipeline.kubeflow.validation.finding import Finding
from pipeline.kubeflow.validation.graph import AGAIN

CHECKS = (*graph.CHECKS, *containers.CHECKS)


def validate(documents: Documents, target: Target) -> list[Finding]:
    """What every check finds, in the order of the checks. Pure but for sources on disk."""
    return [found for check in CHECKS for found in check.findings(documents, target)]


def validate_file(file: Path, target: Target) -> list[Finding]:
    """What is wrong with `file`; an unreadable one is a finding too."""
    said = []
    if file.suffix != ".yaml":
        fix = "compile with --output NAME.yaml"
        said.append(Finding("suffix", "error", f"{file} does not end in .yaml, as kfp asks", fix))
    try:
        documents = read_documents(file)
    except DocumentsError as error:
        return [*said, Finding("readable", "error", str(error), AGAIN)]
    return [*said, *validate(documents, target)]
