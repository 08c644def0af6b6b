"""Compiles the pipeline for Kubeflow Pipelines v2."""

from __future__ import annotations

import signal

# Until there is something to clean up, Ctrl-C just ends the process, without a trace.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from documents.environment.search_path import put_pythonpath_last

put_pythonpath_last()

import argparse
import functools
import os
import sys
import warnings
from pathlib import Path

from documents.environment.libraries import choose_libraries

choose_libraries()
# What TensorFlow and Google's clients say about this machine and this Python helps nobody here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore", category=FutureWarning, module="google")

from documents.terminal.command_line import CommandLine
from documents.terminal.console import program
from models.hub.module import HubError
from pipeline.kubeflow import check_command, schedule_command, status_command, submit_command
from pipeline.kubeflow.compile import compile_pipeline
from pipeline.kubeflow.dry_run import command as dry_run
from pipeline.kubeflow.postprocess import PostprocessError
from pipeline.kubeflow.validation import command as validation
from pipeline.kubeflow.validation.finding import has_errors
from pipeline.run_arguments import add_config, add_overrides
from pipeline.settings import SettingsError, load_settings

DESCRIPTION = """\
Compiles the same pipeline that local_runner.py runs into a Kubeflow Pipelines v2 file
(pipeline spec 2.1, YAML), checks that file, executes it here, and submits it to a cluster.
See docs/kubeflow.md."""

EXAMPLE = """\
example:
  python kubeflow_runner.py compile --image registry.example.com/tfx@sha256:... \\
      --pipeline-root gs://bucket/root --data gs://bucket/letters \\
      --base-path gs://bucket/serving/letters --output pipeline.yaml"""
COMPILE_EXIT_CODES = """\
exit codes:
  0  written
  1  a cluster would refuse it; every error is named with its mend
  2  a mistake in the command line or the settings"""
NO_TUNER = (
    "There is no Tuner on Kubeflow: search on one machine with `python local_runner.py tune`, have"
    " it change the settings file with --write, and submit that."
)


@functools.cache
def _parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = CommandLine(
        prog="kubeflow_runner.py",
        description=DESCRIPTION,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "compile",
        help="write the pipeline as YAML",
        description="Writes the pipeline as YAML; nothing is written that `validate` refuses.",
        epilog=f"{EXAMPLE}\n\n{COMPILE_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_config(command, "settings, a YAML file (default: configs/fashion_mnist.yaml)")
    add_overrides(command)
    command.add_argument(
        "--target",
        choices=("oss", "vertex"),
        default="oss",
        help="open-source Kubeflow Pipelines (default) or Vertex AI",
    )
    command.add_argument("--image", required=True, help="container image with this project inside")
    command.add_argument("--pipeline-root", required=True, help="object-store URI for artifacts")
    command.add_argument(
        "--data",
        required=True,
        help="object-store URI of the data: the folder of the four IDX files, or what data.files "
        "is: a file, a folder, or a pattern (where data.files is one, also the folder above it)",
    )
    command.add_argument("--base-path", required=True, help="gs:// or s3:// URI of the base path")
    command.add_argument("--output", type=Path, required=True, help="file to write, *.yaml")
    command.set_defaults(run=_compile)
    rules = commands.add_parser("validate", help=validation.HELP)
    validation.add_arguments(rules)
    rules.set_defaults(run=validation.run)
    for name, text, epilog, add in (
        ("dry-run", dry_run.HELP, dry_run.EPILOG, dry_run.add_arguments),
        ("check", check_command.HELP, check_command.EPILOG, check_command.add_arguments),
        ("submit", submit_command.HELP, submit_command.EPILOG, submit_command.add_arguments),
        (
            "status",
            status_command.STATUS_HELP,
            status_command.STATUS_EPILOG,
            status_command.add_status,
        ),
        ("logs", status_command.LOGS_HELP, status_command.LOGS_EPILOG, status_command.add_logs),
        ("runs", status_command.RUNS_HELP, status_command.RUNS_EPILOG, status_command.add_runs),
        (
            "schedule",
            schedule_command.HELP,
            schedule_command.EPILOG,
            schedule_command.add_arguments,
        ),
    ):
        add(
            commands.add_parser(
                name,
                help=text,
                description=text,
                epilog=epilog,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser


@program
def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if [*given][:1] == ["tune"]:
        print(NO_TUNER, file=sys.stderr)
        return 2
    options = _parser().parse_args(schedule_command.with_create(given))
    try:
        return int(options.run(options))
    except (SettingsError, PostprocessError, HubError) as error:
        print(error, file=sys.stderr)
        return 2


def _compile(options: argparse.Namespace) -> int:
    if options.config.exists() and options.output.resolve() == options.config.resolve():
        raise SettingsError(
            f"--output {options.output} is the settings file itself; choose another file."
        )
    findings = compile_pipeline(
        load_settings(options.config, options.overrides),
        target=options.target,
        image=options.image,
        pipeline_root=options.pipeline_root,
        data=options.data,
        base_path=options.base_path,
        output=options.output,
    )
    if findings:
        print(validation.report(options.output, findings), file=sys.stderr)
    if has_errors(findings):
        print(f"Not written: {options.output} would be refused.", file=sys.stderr)
        return 1
    print(f"Compiled to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
