"""Waits for a TFJob: asks for it from time to time, through a Kubernetes that may be away."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from pipeline.kubeflow.training_job.cluster_api import ApiError
from pipeline.kubeflow.training_job.state import State, state

T = TypeVar("T")
Json = dict[str, Any]

LOOK_SECONDS, LONGEST_LOOK_SECONDS = 5.0, 30.0
"""Between two looks at the job; each that finds nothing new makes the next one later."""
PATIENCE_SECONDS = 180.0
"""For which a call is tried again."""
TAKE_UP_SECONDS = 600.0
"""For which the operator may say nothing, or a replica be unable to start."""
_log = logging.getLogger(__name__)


class TrainingJobError(RuntimeError):
    """The job did not end with a model; the message says which replica failed, and how."""


class Api(Protocol):
    """What is asked about a job; see cluster_api.ClusterApi."""

    def pods_of(self, job: str) -> list[Json]: ...
    def job(self, name: str) -> Json: ...


@dataclasses.dataclass(frozen=True)
class Patience:
    """How calls are tried again that Kubernetes does not answer.

    Args:
      pause: waits so many seconds.
      clock: tells seconds.
    """

    pause: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def ask(self, call: Callable[[], T]) -> T:
        """What `call` returns.

        Raises:
          ApiError: it is refused, or was not answered for PATIENCE_SECONDS.
        """
        begun, seconds = self.clock(), LOOK_SECONDS
        while True:
            try:
                return call()
            except ApiError as error:
                if not error.may_pass or self.clock() - begun > PATIENCE_SECONDS:
                    raise
                _log.warning("%s", error)
            self.pause(seconds)
            seconds = min(seconds * 2, LONGEST_LOOK_SECONDS)

    def make(self, call: Callable[[], object]) -> None:
        """Has `call` make an object whose name is ours alone.

        Where an answer was lost, the next attempt finds what the one before it made.

        Raises:
          ApiError: as `ask`.
          TrainingJobError: another object has the name, or there are none of its kind.
        """
        attempts = itertools.count()

        def attempt() -> None:
            is_first = next(attempts) == 0
            try:
                call()
            except ApiError as error:
                if error.status == 409 and not is_first:
                    return
                if error.status in (404, 409):
                    raise TrainingJobError(str(error)) from error
                raise

        self.ask(attempt)


def wait(
    api: Api, name: str, is_delivered: Callable[[], bool], patience: Patience | None = None
) -> None:
    """Returns when the job has succeeded, or failed after the chief gave all its outputs.

    Raises:
      TrainingJobError: it failed, was deleted, or cannot begin.
      ApiError: Kubernetes refuses, or did not answer for PATIENCE_SECONDS.
    """
    patience = patience or Patience()
    shown, seconds = "", LOOK_SECONDS
    idle_since = patience.clock()
    while True:
        patience.pause(seconds)
        found = _looked(api, name, patience)
        if found.line != shown:
            _log.info("TFJob %s: %s.", name, found.line)
            shown, seconds = found.line, LOOK_SECONDS
        else:
            seconds = min(seconds * 1.5, LONGEST_LOOK_SECONDS)
        if found.outcome == "done":
            return
        if found.outcome == "failed":
            if is_delivered():
                _log.warning("TFJob %s %s, after the chief gave all its outputs.", name, found.why)
                return
            raise TrainingJobError(f"TFJob {name} {found.why}.")
        if found.is_taken_up and not found.stuck:
            idle_since = patience.clock()
        elif patience.clock() - idle_since > TAKE_UP_SECONDS:
            raise TrainingJobError(_never_begun(name, found))


def _never_begun(name: str, found: State) -> str:
    if found.stuck:
        return f"TFJob {name} cannot begin: {found.stuck}."
    return (
        f"TFJob {name} was taken up by nobody in {TAKE_UP_SECONDS:.0f} s: see that version 1 of the"
        " training operator runs, and looks at this namespace."
    )


def _looked(api: Api, name: str, patience: Patience) -> State:
    try:
        job = patience.ask(lambda: api.job(name))
    except ApiError as error:
        if error.status not in (404, 410):
            raise
        raise TrainingJobError(
            f"TFJob {name} is gone: somebody deleted it; run the step again."
        ) from error
    return state(job, patience.ask(lambda: api.pods_of(name)))
