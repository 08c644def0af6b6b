"""The subcommand `validate` of kubeflow_runner.py."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.kubeflow.validation.finding import Finding
from pipeline.kubeflow.validation.validate import CHECKS, validate_file

HELP = "find what a cluster would refuse or fail on, before it does"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="compiled pipeline, *.yaml")
    parser.add_argument(
        "--target",
        choices=("oss", "vertex"),
        default="oss",
        help="open-source Kubeflow Pipelines (default) or Vertex AI",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(options: argparse.Namespace) -> int:
    """0 nothing that stops a run, 1 at least one error."""
    findings = validate_file(options.file, options.target)
    if options.json:
        print(json.dumps([dataclasses.asdict(found) for found in findings], indent=1))
    else:
        print(report(options.file, findings))
    return int(has_errors(findings))


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(found.level == "error" for found in findings)


def report(file: Path, findings: Sequence[Finding]) -> str:
    """One line a finding with its fix below it, and a last line that counts."""
    lines = []
    for found in findings:
        mark = "✘" if found.level == "error" else "!"
        lines += [f"{mark} {found.check}: {found.problem}.", f"    → {found.fix}"]
    errors = sum(found.level == "error" for found in findings)
    warnings = len(findings) - errors
    mark = "✘" if errors else "✔"
    return "\n".join(
        [*lines, f"{mark} {file}: {len(CHECKS)} checks, {errors} errors, {warnings} warnings"]
    )
