"""The step of a Trainer that trains on several replicas: it makes a TFJob and waits for it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from documents.settings.section import short
from pipeline.kubeflow.entry.adapt import LOGS, run_id
from pipeline.kubeflow.entry.local_paths import local_path
from pipeline.kubeflow.training_job.cluster_api import ApiError, ClusterApi
from pipeline.kubeflow.training_job.hand_over import Handed, HandOver
from pipeline.kubeflow.training_job.manifest import (
    FLAG,
    completed,
    job_name,
    owned_by,
    token_secret,
)
from pipeline.kubeflow.training_job.state import state
from pipeline.kubeflow.training_job.watch import Patience, TrainingJobError, wait

Json = dict[str, Any]

POD_NAME = "KFP_POD_NAME"
"""Variable of Kubeflow's in every step."""
TASK = "Trainer"
_log = logging.getLogger(__name__)


def run(
    job: str,
    arguments: Sequence[str],
    executor_input: Mapping[str, Any],
    root: str,
    patience: Patience | None = None,
) -> Json:
    """The ExecutorOutput of the chief, whose outputs lie where the launcher looks for them.

    Args:
      job: TFJob in JSON, as it is compiled.
      arguments: of the entry point, with `job` among them.
      executor_input: as the driver wrote it.
      root: folder that stands for the container's root.

    Raises:
      TrainingJobError: the job failed, was deleted, or was never begun.
      ApiError: Kubernetes refused a call.
    """
    api, patience = ClusterApi(), patience or Patience()
    own = os.environ.get(POD_NAME) or socket.gethostname()
    pod = patience.ask(lambda: api.pod(own))
    token = secrets.token_urlsafe(32)
    over = _handed_over(_handed(arguments, executor_input, Path(root)), pod, token)
    run_of = run_id(executor_input)
    name, owner = job_name(TASK, run_of, pod["metadata"]["uid"]), owned_by(pod)
    document = completed(
        json.loads(job), name=name, owner=owner, run=run_of, address=over.address, pod=pod
    )
    with contextlib.closing(over), _told_to_end():
        try:
            patience.make(lambda: api.make_secret(token_secret(name, owner, token)))
            patience.make(lambda: api.make(document))
            _log.info("Made TFJob %s in namespace %s.", name, api.namespace)
            wait(api, name, lambda: over.delivered is not None, patience)
        except BaseException:
            _delete_unless_over(api, name)
            raise
    if over.delivered is None:
        raise TrainingJobError(
            f"TFJob {name} has succeeded, and its chief left no outputs: `kubectl logs --namespace"
            f" {api.namespace} {name}-chief-0` may say why."
        )
    return over.delivered


def _handed_over(handed: Handed, pod: Mapping[str, Any], token: str) -> HandOver:
    address = str(pod.get("status", {}).get("podIP") or "")
    try:
        return HandOver(handed, address, token)
    except OSError as error:
        raise TrainingJobError(
            f"Nothing can be served at {short(address) or 'no address'}, which Kubernetes has for"
            f" this step's pod ({error.strerror or error}): run the step again."
        ) from error


def _delete_unless_over(api: ClusterApi, name: str) -> None:
    """One that is over keeps its pods, and what they said, for a day."""
    try:
        if state(api.job(name), []).outcome == "waiting":
            api.delete(name)
            _log.info("Deleted TFJob %s.", name)
    except ApiError as error:
        if error.status != 404:
            _log.warning("TFJob %s may be left: %s", name, error)


def _handed(arguments: Sequence[str], executor_input: Mapping[str, Any], root: Path) -> Handed:
    at = list(arguments).index(FLAG)
    return Handed(
        root=root,
        arguments=[*arguments[:at], *arguments[at + 2 :]],
        inputs=list(_below(executor_input.get("inputs", {}), root)),
        outputs=list(_below(executor_input["outputs"], root)),
    )


def _below(side: Mapping[str, Any], root: Path) -> Iterator[str]:
    """Where the artifacts lie for the launcher, below the container's root."""
    for key, value in side.get("artifacts", {}).items():
        for artifact in value.get("artifacts", []):
            path = local_path(artifact["uri"], str(root))
            if key != LOGS and path != artifact["uri"]:
                yield Path(path).relative_to(root).as_posix()


@contextlib.contextmanager
def _told_to_end() -> Iterator[None]:
    """Lets the request to end reach the job: without it nobody would delete that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: object) -> None:
        # Once: another one shall not keep the job from being deleted.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise TrainingJobError("The step was told to end, so it ends its TFJob, too.")

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
