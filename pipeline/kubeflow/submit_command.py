"""The subcommands `submit` and `schedule` of kubeflow_runner.py."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.kubeflow import submission
from pipeline.kubeflow.validation.command import has_errors, report
from pipeline.kubeflow.validation.documents import mapping, read_documents
from pipeline.kubeflow.validation.validate import validate_file

SUBMIT_HELP = "validate a compiled file and run it once on a cluster"
SCHEDULE_HELP = "validate a compiled file and run it on a cluster again and again"


def add_arguments(parser: argparse.ArgumentParser, *, cron: bool) -> None:
    parser.add_argument("file", type=Path, help="compiled for --target oss, *.yaml")
    parser.add_argument(
        "--host", required=True, help="Kubeflow Pipelines' API, e.g. http://localhost:8888"
    )
    parser.add_argument("--namespace", default="kubeflow", help="default: kubeflow")
    parser.add_argument("--experiment", default="Default", help="made when it is not there")
    parser.add_argument("--name", help="of the run (default: the pipeline's)")
    parser.add_argument("--service-account", help="of the pods (default: the cluster's choice)")
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the pipeline, over its default; may be repeated",
    )
    if cron:
        parser.add_argument(
            "--cron",
            required=True,
            help="when, in UTC: 'minute hour day month weekday', e.g. '0 3 * * *'",
        )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 taken by the server, 1 refused by the checks, the arguments or the server."""
    findings = validate_file(options.file, "oss")
    if findings:
        print(report(options.file, findings), file=sys.stderr)
    if has_errors(findings):
        return 1
    documents = read_documents(options.file)
    server = submission.Server(
        options.host, options.namespace, options.experiment, options.service_account
    )
    name = options.name or str(mapping(documents.spec, "pipelineInfo").get("name"))
    root = documents.spec.get("defaultPipelineRoot")
    where = root or "the pipeline root of the cluster"
    try:
        parameters = submission.parse_parameters(options.param, documents)
        if "cron" in options:
            cron = submission.parse_cron(options.cron)
            made = submission.schedule(
                options.file,
                server,
                name=name,
                parameters=parameters,
                cron=cron,
                pipeline_root=root,
            )
            print(f"Scheduled as {made}, at `{cron}` (seconds first, UTC); artifacts below {where}")
        else:
            made = submission.submit(
                options.file, server, name=name, parameters=parameters, pipeline_root=root
            )
            print(f"Submitted as run {made}; artifacts below {where}")
    except submission.SubmissionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
