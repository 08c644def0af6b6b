"""What is said of a job and its pods."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.kubeflow.training_job.state import state

Json = dict[str, Any]


def job(*conditions: str, message: str = "") -> Json:
    told = [{"type": kind, "status": "True", "message": message} for kind in conditions]
    return {"status": {"conditions": told}}


def pod(kind: str, index: int, phase: str, conditions: Any = None, **container: Any) -> Json:
    return {
        "metadata": {
            "labels": {
                "training.kubeflow.org/replica-type": kind,
                "training.kubeflow.org/replica-index": str(index),
            }
        },
        "status": {
            "phase": phase,
            "conditions": conditions,
            "containerStatuses": [{"name": "tensorflow", "state": container}],
        },
    }


def ended(second: int, code: int, message: str = "", reason: str = "Error") -> Json:
    at = f"2026-01-01T00:00:{second:02}Z"
    return {"exitCode": code, "message": message, "reason": reason, "finishedAt": at}


def test_progress_is_a_line_of_replicas() -> None:
    unschedulable = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    found = state(
        job("Created", "Running"),
        [
            pod("worker", 1, "Pending", unschedulable),
            pod("worker", 0, "Pending", waiting={"reason": "ContainerCreating"}),
            pod("chief", 0, "Running", running={}),
        ],
    )
    assert found.outcome == "waiting"
    assert found.line == (
        "chief 0 running, worker 0 pending (ContainerCreating), worker 1 pending (Unschedulable)"
    )
    assert found.is_taken_up
    assert not found.stuck


@pytest.mark.parametrize("nothing", [{}, {"status": {}}, {"status": {"conditions": None}}])
def test_nobody_has_begun(nothing: Json) -> None:
    found = state(nothing, [])
    assert (found.outcome, found.is_taken_up) == ("waiting", False)


def test_conditions_that_no_longer_hold_count_for_nothing() -> None:
    told = {"type": "Failed", "status": "False"}
    assert state({"status": {"conditions": [told]}}, []).outcome == "waiting"
    assert state(job("Created", "Succeeded"), []).outcome == "done"


def test_the_first_that_failed_is_named_with_its_last_words() -> None:
    found = state(
        job("Created", "Failed", message="TFJob a has failed because 1 Chief replica(s) failed."),
        [
            pod("chief", 0, "Failed", terminated=ended(9, 1, "The process worker 1 is gone.")),
            pod("worker", 0, "Succeeded", terminated=ended(1, 0, "", "Completed")),
            pod("worker", 1, "Failed", terminated=ended(7, 1, "noise\nDisk is full.\n\n")),
        ],
    )
    assert found.outcome == "failed"
    assert found.why == "failed with worker 1 (exit code 1): Disk is full"


def test_one_that_was_killed_is_named_before_those_that_noticed() -> None:
    found = state(
        job("Failed"),
        [
            pod("chief", 0, "Failed", terminated=ended(7, 1, "The process worker 0 is gone.")),
            pod("worker", 0, "Failed", terminated=ended(7, 137, "", "OOMKilled")),
        ],
    )
    assert found.why == "failed with worker 0 (OOMKilled, exit code 137)"


def test_a_pod_that_was_evicted_has_no_container_left() -> None:
    evicted = pod("worker", 0, "Failed")
    evicted["status"] |= {"containerStatuses": None, "reason": "Evicted", "message": "Low on disk."}
    assert state(job("Failed"), [evicted]).why == "failed with worker 0 (Evicted): Low on disk"


def test_without_a_pod_the_operator_has_the_word() -> None:
    late = "TFJob kubeflow/a has failed because it was active longer than specified deadline"
    assert state(job("Failed", message=late), []).why == f"failed: {late}"
    assert state(job("Failed"), []).why == "failed: it does not say why"


def test_one_that_cannot_start_is_told_apart_from_one_that_waits() -> None:
    waits = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "a:1"'}
    found = state(job("Created"), [pod("chief", 0, "Pending", waiting=waits)])
    assert found.stuck == 'chief 0 cannot start: ImagePullBackOff (Back-off pulling image "a:1")'
    assert found.line == "chief 0 pending (ImagePullBackOff)"


def test_pods_of_others_are_passed_over() -> None:
    stranger = {"metadata": {"labels": {"training.kubeflow.org/replica-index": "x"}}}
    assert state(job("Created"), [stranger, {"metadata": {}}]).line == "the job is created"
