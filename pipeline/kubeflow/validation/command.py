"""The subcommand `validate` of kubeflow_runner.py."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from documents.shown import shown
from documents.terminal.counted import counted
from pipeline.kubeflow.parameter_values import ParameterError, add_values
from pipeline.kubeflow.validation.finding import Finding, has_errors
from pipeline.kubeflow.validation.validate import CHECKS, validate_file

HELP = "find what a cluster would refuse or fail on, before it does"
DESCRIPTION = """\
Reads a compiled file as strictly as the servers of Kubeflow Pipelines, Argo and Kubernetes do, and
says everything that they would refuse, drop without a word or fail on later, each with its mend.
Exit code: 0 nothing that stops a run (warnings only), 1 at least one error, 2 wrong usage."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, help="compiled pipeline, *.yaml")
    parser.add_argument(
        "--target",
        choices=("oss", "vertex"),
        default="oss",
        help="open-source Kubeflow Pipelines (default) or Vertex AI",
    )
    add_values(parser, "check the file as run with this parameter; may be repeated")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the findings as a JSON list: check, level, problem, fix, where (every place)",
    )


def run(options: argparse.Namespace) -> int:
    """0 nothing that stops a run, 1 at least one error, 2 usage."""
    try:
        findings = validate_file(options.file, options.target, options.param)
    except ParameterError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps([dataclasses.asdict(found) for found in findings], indent=1))
    else:
        print(report(options.file, findings))
    return int(has_errors(findings))


def report(file: Path, findings: Sequence[Finding]) -> str:
    """One line a finding with its fix below it, and a last line that counts."""
    lines = []
    for found in findings:
        mark = "✘" if found.level == "error" else "!"
        lines += [f"{mark} {found.check}: {shown(found.problem)}.", f"    → {shown(found.fix)}"]
    errors = sum(found.level == "error" for found in findings)
    mark = "✘" if errors else "✔"
    told = f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}"
    return "\n".join([*lines, f"{mark} {shown(file)}: {counted(len(CHECKS), 'check')}, {told}"])
