"""What trains by a strategy in one process; tests/e2e/test_replicas.py has two of them."""

from __future__ import annotations

import json

import pytest

from models.training.cluster import ClusterError
from models.training.replicas import ALONE, replicas_of

TWO = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}


@pytest.mark.parametrize("strategy", ["none", "mirrored"])
def test_one_device_trains_alone(strategy: str) -> None:
    found = replicas_of(strategy, 64)
    assert found is ALONE
    assert (found.count, found.is_chief, found.is_busy) == (1, True, False)
    assert (found.chiefs(2.5), found.tell("text")) == (2.5, "text")


@pytest.mark.parametrize(
    ("strategy", "why"),
    [
        ("none", "2 processes train together"),
        ("mirrored", "2 processes train together"),
        ("multi_worker", "is for local_runner.py, which has the processes meet"),
    ],
)
def test_other_processes_that_did_not_join_are_refused(
    monkeypatch: pytest.MonkeyPatch, strategy: str, why: str
) -> None:
    monkeypatch.setenv("TF_CONFIG", json.dumps(TWO))
    with pytest.raises(ClusterError, match=why):
        replicas_of(strategy, 64)
