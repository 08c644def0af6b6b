"""The subcommand `submit` of kubeflow_runner.py."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from documents.settings.section import short
from pipeline.kubeflow import status_command, submission
from pipeline.kubeflow.parameter_values import ParameterError, add_values
from pipeline.kubeflow.remote import connection
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.job import Job
from pipeline.kubeflow.remote.verdict import EXIT_CODES
from pipeline.kubeflow.roots import check_root
from pipeline.kubeflow.validation.command import report
from pipeline.kubeflow.validation.documents import mapping, read_documents
from pipeline.kubeflow.validation.finding import has_errors
from pipeline.kubeflow.validation.validate import validate_file

HELP = "validate a compiled file and run it once on a cluster; --watch follows it to its verdict"
EPILOG = f"""\
examples:
  python kubeflow_runner.py submit pipeline.yaml --host http://localhost:8888 --watch
  python kubeflow_runner.py submit pipeline.yaml --host https://kubeflow.example.com/pipeline \\
      --namespace me --cookies @session.txt --experiment nightly --param epochs=3
  python kubeflow_runner.py submit pipeline.yaml --target vertex --project my-project \\
      --region us-central1 --service-account runner@my-project.iam.gserviceaccount.com --watch

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_job(parser)
    status_command.add_watch(parser)
    connection.add_arguments(parser)
    parser.set_defaults(run=run)


def add_job(parser: argparse.ArgumentParser) -> None:
    """What is submitted, and with what."""
    parser.add_argument("file", type=Path, help="compiled for the same --target, *.yaml")
    parser.add_argument("--name", help="of the run or schedule (default: the pipeline's)")
    add_values(parser)
    parser.add_argument(
        "--pipeline-root",
        metavar="URI",
        help="of the artifacts, over the one the file was compiled with",
    )
    parser.add_argument(
        "--experiment",
        default="Default",
        help="made when it is not there (default: Default); Vertex AI has none",
    )
    parser.add_argument("--service-account", help="of the pods (default: the cluster's choice)")
    parser.add_argument(
        "--json", action="store_true", help="print what was made as JSON; the rest goes to stderr"
    )


def read_job(options: argparse.Namespace) -> Job | None:
    """The job, once every check holds; else None, and the findings are printed.

    Raises:
      SubmissionError: the arguments do not fit the file.
    """
    try:
        findings = validate_file(options.file, options.target, options.param)
        if options.pipeline_root:
            check_root(options.pipeline_root, options.target)
    except ParameterError as error:
        raise submission.SubmissionError(str(error)) from error
    except ValueError as error:
        raise submission.SubmissionError(
            f"--pipeline-root {short(options.pipeline_root, 300)} is refused: {error}."
        ) from error
    if findings:
        print(report(options.file, findings), file=sys.stderr)
    if has_errors(findings):
        return None
    documents = read_documents(options.file)
    root = options.pipeline_root or documents.spec.get("defaultPipelineRoot")
    return Job(
        file=options.file,
        documents=documents,
        name=options.name or str(mapping(documents.spec, "pipelineInfo").get("name")),
        parameters=submission.parse_parameters(options.param, documents),
        pipeline_root=root,
        experiment=options.experiment,
        service_account=options.service_account,
    )


def where(job: Job, options: argparse.Namespace) -> str:
    """Which root holds, and why."""
    if options.pipeline_root:
        return f"{job.pipeline_root} (--pipeline-root)"
    return f"{job.pipeline_root} (the file's)" if job.pipeline_root else "the cluster's own root"


def run(options: argparse.Namespace) -> int:
    """0 taken by the server, 1 refused by the checks or the server, 2 a mistake; or a verdict's."""
    said = sys.stderr if options.json else sys.stdout
    try:
        job = read_job(options)
        if job is None:
            return 1
        service = connection.connect(options)
        made = service.submit(job)
    except (connection.UsageError, submission.SubmissionError) as error:
        print(error, file=sys.stderr)
        return 2
    except RemoteError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Submitted as run {made.id}; artifacts below {where(job, options)}", file=said)
    if made.page:
        print(made.page, file=said)
    said.flush()
    if options.watch:
        return status_command.follow(service, made.id, options)
    if options.json:
        print(json.dumps(made.as_json(), indent=1))
    return 0
