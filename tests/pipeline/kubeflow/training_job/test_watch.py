"""Waiting for a job, by a clock that only waiting moves."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.kubeflow.training_job.cluster_api import ApiError
from pipeline.kubeflow.training_job.watch import (
    LONGEST_LOOK_SECONDS,
    LOOK_SECONDS,
    Patience,
    TrainingJobError,
    wait,
)

Json = dict[str, Any]
Answer = Json | ApiError


def job(*conditions: str) -> Json:
    return {"status": {"conditions": [{"type": kind, "status": "True"} for kind in conditions]}}


def refused(status: int | None) -> ApiError:
    return ApiError(f"Kubernetes says {status}.", status)


class Api:
    """Answers one after the other; the last one is for good."""

    def __init__(self, *answers: Answer, pods: list[Json] | None = None):
        self._answers, self._pods = list(answers), pods or []
        self.asked = 0

    def job(self, name: str) -> Json:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(found, ApiError):
            raise found
        return found

    def pods_of(self, job: str) -> list[Json]:
        return self._pods


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.paused: list[float] = []

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.now += seconds

    @property
    def patience(self) -> Patience:
        return Patience(self.pause, lambda: self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def follow(api: Api, clock: Clock, is_delivered: Callable[[], bool] = lambda: False) -> None:
    wait(api, "trainer-1", is_delivered, clock.patience)


def test_looks_become_rarer_while_nothing_changes(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    follow(Api(*[job("Created", "Running")] * 9, job("Succeeded")), clock)
    assert clock.paused[0] == LOOK_SECONDS
    assert clock.paused == sorted(clock.paused)
    assert clock.paused[-1] == LONGEST_LOOK_SECONDS
    assert [record.getMessage() for record in caplog.records] == [
        "TFJob trainer-1: the job is running.",
        "TFJob trainer-1: the job is succeeded.",
    ]


def test_a_job_that_failed_is_an_error_unless_the_work_is_done(clock: Clock) -> None:
    with pytest.raises(TrainingJobError, match=r"^TFJob trainer-1 failed: it does not say why\.$"):
        follow(Api(job("Failed")), clock)
    follow(Api(job("Failed")), clock, lambda: True)


@pytest.mark.parametrize("status", [404, 408, 410, 429, 500, 503, None])
def test_an_answer_that_may_pass_is_waited_for(clock: Clock, status: int | None) -> None:
    api = Api(job("Created"), refused(status), refused(status), job("Succeeded"))
    follow(api, clock)
    assert api.asked == 4


@pytest.mark.parametrize("status", [500, None])
def test_a_kubernetes_that_stays_away_is_told(clock: Clock, status: int | None) -> None:
    with pytest.raises(ApiError, match=f"says {status}"):
        follow(Api(refused(status)), clock)
    assert 180 < clock.now < 300


@pytest.mark.parametrize("status", [404, 410])
def test_a_job_that_is_gone_was_deleted(clock: Clock, status: int) -> None:
    with pytest.raises(TrainingJobError, match="trainer-1 is gone: somebody deleted it"):
        follow(Api(job("Created"), refused(status)), clock)


def test_what_is_forbidden_is_told_at_once(clock: Clock) -> None:
    with pytest.raises(ApiError):
        follow(Api(refused(403)), clock)
    assert clock.now == LOOK_SECONDS


def test_a_job_that_no_operator_takes_up(clock: Clock) -> None:
    with pytest.raises(TrainingJobError, match=r"taken up by nobody in 600 s: .*operator runs"):
        follow(Api({}), clock)


def test_a_replica_that_cannot_start(clock: Clock) -> None:
    labels = {
        "training.kubeflow.org/replica-type": "chief",
        "training.kubeflow.org/replica-index": "0",
    }
    waits = {"reason": "CreateContainerConfigError", "message": 'secret "keys" not found'}
    status = {"containerStatuses": [{"name": "tensorflow", "state": {"waiting": waits}}]}
    pods = [{"metadata": {"labels": labels}, "status": status}]
    with pytest.raises(TrainingJobError, match=r'cannot begin: .*secret "keys" not found'):
        follow(Api(job("Created"), pods=pods), clock)
    assert clock.now > 600


def test_a_queue_may_be_long(clock: Clock) -> None:
    follow(Api(*[job("Created")] * 1000, job("Succeeded")), clock)
    assert clock.now > 3 * 3600


def test_an_object_whose_answer_was_lost_is_there(clock: Clock) -> None:
    answers = [refused(None), refused(409)]

    def call() -> None:
        raise answers.pop(0)

    clock.patience.make(call)
    assert not answers


@pytest.mark.parametrize("status", [404, 409])
def test_an_object_that_cannot_be_made(clock: Clock, status: int) -> None:
    def call() -> None:
        raise refused(status)

    with pytest.raises(TrainingJobError, match=f"says {status}"):
        clock.patience.make(call)
    assert clock.now == 0
