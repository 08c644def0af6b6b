"""The subcommand `check` of kubeflow_runner.py: compile, validate and execute, all of it here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from components.example_gen.spans import SpanError
from pipeline.data.dataset import DatasetError
from pipeline.kubeflow.compile import compile_pipeline
from pipeline.kubeflow.dry_run import dry_run
from pipeline.kubeflow.dry_run.command import EXIT_CODES
from pipeline.kubeflow.validation.command import report
from pipeline.kubeflow.validation.finding import has_errors
from pipeline.preflight.preflight import gather_data
from pipeline.run_arguments import add_config, add_overrides
from pipeline.settings import REPOSITORY, Settings, SettingsError, load_settings

HELP = "compile the quick configuration, validate it and execute it here, without a cluster"
EPILOG = f"""\
examples:
  python kubeflow_runner.py check
  python kubeflow_runner.py check --target vertex
  python kubeflow_runner.py check --config trips/settings.yaml --set training.epochs=2

{EXIT_CODES}

1 also says that the compiled file has an error, which is named with its mend."""
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
    add_config(parser, "settings, a YAML file (default: configs/quick.yaml)", "quick.yaml")
    add_overrides(parser)
    parser.add_argument(
        "--data",
        help="folder with the four IDX files, or what data.files is: a file, a folder or a pattern "
        "(default: the bundled sample, or data.files)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("workspace/kubeflow"),
        help="folder for the compiled file and the dry run (default: workspace/kubeflow)",
    )
    parser.add_argument(
        "--separate",
        action="store_true",
        help="start Python anew for each step, as a container does",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON; progress goes to stderr"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """1 when the file is not valid, else the exit code of the dry run."""
    progress = sys.stderr if options.json else sys.stdout
    settings = load_settings(options.config, options.overrides)
    folder, there = _data(settings, options.data)
    file = options.work / f"{options.target}.yaml"
    findings = compile_pipeline(
        settings,
        target=options.target,
        image=IMAGE,
        pipeline_root=f"{BUCKET}/root",
        data=f"{BUCKET}/data{there}",
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
        parameters={"data": str(folder.resolve())},
        work=options.work / "dry_run",
        json=options.json,
        separate=options.separate,
    )


def _data(settings: Settings, given: str | None) -> tuple[Path, str]:
    """The folder on this machine, and what is read below it, where that can be told."""
    data = settings.data
    if not data.is_quartet:
        if given:
            base, pattern = data.at(given).place
            return Path(base), f"/{pattern}"
        try:
            return gather_data(settings).folder, f"/{data.place[1]}"
        except (DatasetError, SpanError) as error:
            raise SettingsError(str(error)) from error
    if given is not None:
        return Path(given), ""
    if data.sample is None:
        raise SettingsError("The settings bundle no sample; name a folder with --data.")
    return REPOSITORY / data.sample.folder, ""
