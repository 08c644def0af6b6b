"""The subcommand `dry-run` of kubeflow_runner.py: arguments to a dry run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from documents.terminal.option_types import duration_option
from pipeline.kubeflow.dry_run.run import USAGE, dry_run
from pipeline.kubeflow.parameter_values import ParameterError, add_values, parse_parameter_values
from pipeline.kubeflow.validation.documents import DocumentsError, read_documents

HELP = "execute a compiled file here, step by step, without a cluster"
EXIT_CODES = """\
exit codes:
  0    every step succeeded
  1    a step failed; the last line has the command that runs it again alone
  2    a mistake in the command line, or a file that cannot be executed
  3    every step succeeded and the model was refused
  130  interrupted"""
EPILOG = f"""\
examples:
  python kubeflow_runner.py dry-run pipeline.yaml --param data=FOLDER
  python kubeflow_runner.py dry-run vertex.yaml --emulate vertex --param data=FOLDER
  python kubeflow_runner.py dry-run pipeline.yaml --param data=FOLDER --only Evaluator,Pusher

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="compiled pipeline, *.yaml")
    parser.add_argument(
        "--emulate",
        choices=("oss", "vertex"),
        default="oss",
        help="whose behaviour: open-source Kubeflow Pipelines (default) or Vertex AI",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NODES",
        help="run these nodes again (A,B or repeated) on what the others left in --work",
    )
    add_values(parser)
    parser.add_argument(
        "--pipeline-root",
        metavar="URI",
        help="below which the artifacts of the run go, as `submit` gives it; open-source Kubeflow "
        "does not read the one in the file (default: minio://mlpipeline/v2/artifacts)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("workspace/dry_run"),
        help="folder for artifacts, logs and the object store (default: workspace/dry_run)",
    )
    parser.add_argument(
        "--timeout",
        type=duration_option,
        default=3_600.0,
        help="seconds for one step (default: 3600)",
    )
    parser.add_argument(
        "--separate",
        action="store_true",
        help="start Python anew for each step, as a container does, and say what that costs "
        "(default: once, and each step is a fork of it)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON; progress goes to stderr"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 finished, 1 a step failed, 2 usage, 3 the model was refused, 130 interrupted."""
    parameters: dict[str, Any] = {}
    if options.param:
        try:
            definitions = read_documents(options.file).parameters
            parameters = parse_parameter_values(options.param, definitions)
        except (DocumentsError, ParameterError) as error:
            print(error, file=sys.stderr)
            return USAGE
    return dry_run(
        options.file,
        emulate=options.emulate,
        only=[name for names in options.only for name in names.split(",") if name],
        parameters=parameters,
        pipeline_root=options.pipeline_root,
        work=options.work,
        json=options.json,
        timeout=options.timeout,
        separate=options.separate,
    )
