"""Which steps train on several machines; tests/e2e/test_dry_run.py has two of them train."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.training.cluster import ClusterError
from models.training.options import OptionsError
from pipeline.kubeflow.entry.replicas import cluster_of_step, execute_as_chief

TWO = {"cluster": {"chief": ["a:1"], "worker": ["b:1"]}, "environment": "cloud"}


def parameters(**training: Any) -> dict[str, str]:
    told = {"epochs": 1, "batch_size": 64, "learning_rate": 0.01, "seed": 0, **training}
    return {"custom_config": json.dumps({"training": told})}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    def be(kind: str, index: int | str = 0) -> None:
        task = {"type": kind, "index": index}
        monkeypatch.setenv("TF_CONFIG", json.dumps({**TWO, "task": task}))

    monkeypatch.delenv("TF_CONFIG", raising=False)
    return be


def test_the_chief_is_first(machine: Any) -> None:
    machine("chief")
    found = cluster_of_step(parameters(strategy="multi_worker"))
    assert found
    assert (found.rank, found.addresses) == (0, ("a:1", "b:1"))
    machine("worker", "0")
    found = cluster_of_step(parameters(strategy="multi_worker"))
    assert found
    assert found.rank == 1


@pytest.mark.parametrize("told", [{}, {"custom_config": json.dumps({"declaration": "{}"})}])
def test_other_steps_run_on_one_machine(machine: Any, told: dict[str, Any]) -> None:
    machine("chief")
    assert cluster_of_step(told) is None


def test_machines_that_were_not_asked_for_are_refused(machine: Any) -> None:
    assert cluster_of_step(parameters()) is None
    machine("chief")
    with pytest.raises(ClusterError, match="2 processes train together"):
        cluster_of_step(parameters())
    with pytest.raises(ClusterError, match="cannot be shared by the 2"):
        cluster_of_step(parameters(strategy="multi_worker", batch_size=63))
    with pytest.raises(OptionsError):
        cluster_of_step(parameters(strategy="several"))


def test_a_step_without_others_is_executed() -> None:
    assert execute_as_chief(None, lambda: "done") == "done"
