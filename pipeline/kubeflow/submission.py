"""A compiled file to a server of Kubeflow Pipelines: one run now, or one run per tick of a cron."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from documents.section import short
from pipeline import yaml_values
from pipeline.kubeflow.validation.documents import Documents, mapping


class SubmissionError(RuntimeError):
    """The arguments fit neither file nor server, or the server refuses or cannot be reached."""


@dataclasses.dataclass(frozen=True)
class Server:
    """Where to submit to, and under which experiment."""

    host: str
    """Address of the Kubeflow Pipelines API, e.g. http://localhost:8080."""
    namespace: str
    experiment: str
    service_account: str | None = None


def parse_parameters(given: Sequence[str], documents: Documents) -> dict[str, Any]:
    """`NAME=VALUE` items as values of the pipeline's parameters.

    Raises:
      SubmissionError: an item does not read so, names no parameter, or one without a default
        gets no value.
    """
    values: dict[str, Any] = {}
    for item in given:
        name, separator, text = item.partition("=")
        if not separator:
            raise SubmissionError(f"--param {item!r} must read NAME=VALUE.")
        if name not in documents.parameters:
            known = ", ".join(sorted(documents.parameters)) or "none"
            raise SubmissionError(f"--param {name}: the pipeline's parameters are: {known}.")
        kind = mapping(documents.parameters, name).get("parameterType")
        try:
            values[name] = text if kind == "STRING" else yaml_values.parse(text)
        except yaml_values.YamlError as error:
            raise SubmissionError(f"--param {short(item)} {error}.") from error
    for name in sorted(documents.parameters):
        if name not in values and "defaultValue" not in mapping(documents.parameters, name):
            raise SubmissionError(f"Parameter {name} has no default; add --param {name}=VALUE.")
    return values


def parse_cron(expression: str) -> str:
    """The expression with the field of seconds in front, which Kubeflow reads and cron lacks.

    With five fields Kubeflow would take the minutes for seconds without a word.

    Raises:
      SubmissionError: it has neither five nor six fields.
    """
    fields = expression.split()
    if len(fields) not in (5, 6):
        raise SubmissionError(
            f"--cron {expression!r} must have five fields (minute hour day month weekday), or six "
            "with seconds in front."
        )
    return " ".join(fields if len(fields) == 6 else ["0", *fields])


def submit(
    file: Path,
    server: Server,
    *,
    name: str,
    parameters: Mapping[str, Any],
    pipeline_root: str | None,
) -> str:
    """Starts a run and returns its id.

    Args:
      pipeline_root: of its artifacts; Kubeflow Pipelines reads it here, and not in the file.

    Raises:
      SubmissionError: the server refuses or cannot be reached.
    """
    client, experiment_id = _connect(server)
    try:
        run = client.run_pipeline(
            experiment_id=experiment_id,
            job_name=name,
            pipeline_package_path=str(file),
            params=dict(parameters),
            pipeline_root=pipeline_root,
            # True or False would overwrite what the file says for every task.
            enable_caching=None,
            service_account=server.service_account,
        )
    except Exception as error:
        raise _refused(server, error) from error
    return run.run_id


def schedule(
    file: Path,
    server: Server,
    *,
    name: str,
    parameters: Mapping[str, Any],
    cron: str,
    pipeline_root: str | None,
) -> str:
    """Makes a recurring run, one at a time and without catching up; returns its id.

    Raises:
      SubmissionError: the server refuses or cannot be reached.
    """
    client, experiment_id = _connect(server)
    try:
        recurring = client.create_recurring_run(
            experiment_id=experiment_id,
            job_name=name,
            cron_expression=cron,
            max_concurrency=1,
            # After a pause one run with the newest data does; a queue of old ones would not.
            no_catchup=True,
            params=dict(parameters),
            pipeline_package_path=str(file),
            pipeline_root=pipeline_root,
            enable_caching=None,
            service_account=server.service_account,
        )
    except Exception as error:
        raise _refused(server, error) from error
    return recurring.recurring_run_id


def _connect(server: Server) -> tuple[Any, str]:
    # kfp takes more than a second to import.
    import kfp

    try:
        client = kfp.Client(host=server.host, namespace=server.namespace)
        experiment = client.create_experiment(server.experiment, namespace=server.namespace)
    except Exception as error:
        raise _refused(server, error) from error
    return client, experiment.experiment_id


def _refused(server: Server, error: Exception) -> SubmissionError:
    """kfp raises errors of three libraries, all of them with pages of text."""
    status = getattr(error, "status", None)
    if status:
        why = " ".join(str(getattr(error, "body", None) or error).split())[:300]
        return SubmissionError(f"{server.host} answered {status}: {why}")
    why = " ".join(str(error).split())[:200]
    return SubmissionError(
        f"Cannot reach Kubeflow Pipelines at {server.host}: {why}; forward it with `kubectl "
        "port-forward --namespace kubeflow svc/ml-pipeline 8888` and name it with --host "
        "http://localhost:8888."
    )
