"""The subcommand `check` of kubeflow_runner.py: compile, validate and execute, all of it here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.kubeflow.compile import compile_pipeline
from pipeline.kubeflow.dry_run import dry_run
from pipeline.kubeflow.validation.command import report
from pipeline.kubeflow.validation.finding import has_errors
from pipeline.settings import REPOSITORY, SettingsError, load_settings

HELP = "compile the quick configuration, validate it and execute it here, without a cluster"
BUCKET = "gs://check"
IMAGE = f"example.com/tfx-hub-serving@sha256:{'0' * 64}"
"""Nothing is pulled: the steps run in this environment."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--target",
        choices=("oss", "vertex"),
        default="oss",
        help="open-source Kubeflow Pipelines (default) or Vertex AI",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=REPOSITORY / "configs" / "quick.yaml",
        help="settings, a YAML file (default: configs/quick.yaml)",
    )
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with the four IDX files (default: the bundled sample)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("workspace/kubeflow"),
        help="folder for the compiled file and the dry run (default: workspace/kubeflow)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON; progress goes to stderr"
    )


def run(options: argparse.Namespace) -> int:
    """1 when the file is not valid, else the exit code of the dry run."""
    progress = sys.stderr if options.json else sys.stdout
    settings = load_settings(options.config, options.overrides)
    sample, data = settings.data.sample, options.data
    if data is None and sample:
        data = REPOSITORY / sample.folder
    if data is None:
        raise SettingsError("The settings bundle no sample; name a folder with --data.")
    file = options.work / f"{options.target}.yaml"
    findings = compile_pipeline(
        settings,
        target=options.target,
        image=IMAGE,
        pipeline_root=f"{BUCKET}/root",
        data=f"{BUCKET}/data",
        base_path=f"{BUCKET}/serving/{settings.name}",
        output=file,
    )
    print(report(file, findings), file=progress, flush=True)
    if has_errors(findings):
        return 1
    return dry_run(
        file,
        emulate=options.target,
        # What `submit` gives with the same file.
        pipeline_root=f"{BUCKET}/root",
        parameters={"data": str(data.resolve())},
        work=options.work / "dry_run",
        json=options.json,
    )
