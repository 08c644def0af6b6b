"""What Vertex AI says of a pipeline job, as a Run. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from documents.settings.section import short
from pipeline.kubeflow.remote.kfp_run import as_list, task_names
from pipeline.kubeflow.remote.run import Node, Run, RunState, State, parse_time
from pipeline.kubeflow.remote.schedule import Schedule
from pipeline.kubeflow.validation.documents import Documents, mapping

Json = Mapping[str, Any]

_RUN_STATES: dict[str, RunState] = {
    "PIPELINE_STATE_QUEUED": "pending",
    "PIPELINE_STATE_PENDING": "pending",
    "PIPELINE_STATE_RUNNING": "running",
    "PIPELINE_STATE_SUCCEEDED": "succeeded",
    "PIPELINE_STATE_FAILED": "failed",
    "PIPELINE_STATE_CANCELLING": "cancelling",
    "PIPELINE_STATE_CANCELLED": "cancelled",
    "PIPELINE_STATE_PAUSED": "paused",
}
_NODE_STATES: dict[str, State] = {
    "PENDING": "waiting",
    "RUNNING": "running",
    "SUCCEEDED": "done",
    "CANCEL_PENDING": "running",
    "CANCELLING": "running",
    "CANCELLED": "cancelled",
    "FAILED": "failed",
    # By the cache, and because a node before it failed.
    "SKIPPED": "cached",
    "NOT_TRIGGERED": "skipped",
}


def read_job(document: Json, page: str | None = None) -> Run:
    """The run in a PipelineJob as JSON, with the field names of its proto."""
    details = {
        str(detail.get("task_name")): detail
        for detail in as_list(mapping(document, "job_detail").get("task_details"))
        if isinstance(detail, Mapping)
    }
    documents = Documents(mapping(document, "pipeline_spec"), {})
    pusher = details.get("Pusher")
    return Run(
        id=str(document.get("name") or "").rpartition("/")[2],
        name=str(document.get("display_name") or ""),
        state=_RUN_STATES.get(str(document.get("state")), "pending"),
        created=parse_time(document.get("create_time")),
        ended=parse_time(document.get("end_time")),
        nodes=tuple(_node(name, details.get(name)) for name in task_names(documents)),
        error=_error(document),
        root=mapping(document, "runtime_config").get("gcs_output_directory") or None,
        page=page,
        decision=_decision(pusher) if pusher else None,
    )


def read_schedule(document: Json) -> Schedule:
    """The schedule in a Schedule as JSON, with the field names of its proto."""
    request = mapping(document, "create_pipeline_job_request")
    config = mapping(mapping(request, "pipeline_job"), "runtime_config")
    most = str(document.get("max_concurrent_run_count") or "")
    return Schedule(
        id=str(document.get("name") or "").rpartition("/")[2],
        name=str(document.get("display_name") or ""),
        active=document.get("state") == "ACTIVE",
        when=f"cron {document.get('cron')}",
        max_concurrency=int(most) if most.isascii() and most.isdigit() else None,
        catch_up=bool(document.get("catch_up")),
        created=parse_time(document.get("create_time")),
        root=config.get("gcs_output_directory") or None,
    )


def _node(name: str, detail: Json | None) -> Node:
    if detail is None:
        return Node(name, "waiting")
    state = _NODE_STATES.get(str(detail.get("state")), "waiting")
    container = mapping(mapping(detail, "executor_detail"), "container_detail")
    failed = [str(job) for job in as_list(container.get("failed_main_jobs"))]
    jobs = [str(container["main_job"])] if container.get("main_job") else []
    return Node(
        name=name,
        state=state,
        started=parse_time(detail.get("start_time")),
        ended=parse_time(detail.get("end_time")),
        attempts=max(1, len({*failed, *jobs})),
        error=_error(detail),
        logs=tuple(job.rpartition("/")[2] for job in [*jobs, *reversed(failed)]),
    )


def _decision(pusher: Json) -> tuple[str, str | None] | None:
    """What our Pusher wrote into the metadata of its output."""
    for artifact in as_list(mapping(mapping(pusher, "outputs"), "pushed_model").get("artifacts")):
        metadata = mapping(artifact, "metadata")
        outcome = metadata.get("outcome")
        if outcome:
            reason = metadata.get("reason") or metadata.get("pushed_destination")
            return str(outcome), str(reason) if reason else None
    return None


def _error(document: Json) -> str | None:
    message = mapping(document, "error").get("message")
    return short(" ".join(str(message).split()), 300) if message else None
