"""Processes that train together are told by TF_CONFIG; without the strategy they are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.cluster import MULTI_WORKER, ClusterError, cluster_of

TWO = {"worker": ["a:1", "b:1"]}


def config(cluster: Any, kind: Any = "worker", index: Any = 0) -> dict[str, str]:
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


@pytest.mark.parametrize("strategy", ["none", "mirrored"])
@pytest.mark.parametrize(
    "cluster",
    [
        TWO,
        {"chief": ["a:1"], "worker": ["b:1"]},
        {"worker": {"0": "a:1", "1": "b:1"}},
        {"worker": ["a:1"], "ps": ["c:1"]},
    ],
)
def test_one_process_of_several_is_refused(strategy: str, cluster: dict[str, object]) -> None:
    with pytest.raises(ClusterError, match=r"2 processes train together.*unset TF_CONFIG.*multi_"):
        cluster_of(strategy, 64, config(cluster))


def test_a_process_alone_may_train() -> None:
    for text in ("", "{", "{}", '{"cluster": {}}', '{"cluster": {"worker": ["a:1"]}}'):
        assert cluster_of("none", 64, {"TF_CONFIG": text}) is None
    assert cluster_of("none", 64, {}) is None
    assert cluster_of(MULTI_WORKER, 64, config({"worker": ["a:1"]})) is None


@pytest.mark.medium
@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_what_is_no_description_describes_nobody_or_is_refused(text: str) -> None:
    assert cluster_of("none", 64, {"TF_CONFIG": text}) is None
    with pytest.raises(ClusterError, match="TF_CONFIG"):
        cluster_of(MULTI_WORKER, 64, {"TF_CONFIG": text})


@pytest.mark.parametrize(
    ("environment", "rank", "addresses"),
    [
        (config(TWO), 0, ("a:1", "b:1")),
        (config(TWO, index=1), 1, ("a:1", "b:1")),
        (config(TWO, index="1"), 1, ("a:1", "b:1")),
        (config({"worker": {"1": "b:1", "0": "a:1"}}, index=1), 1, ("a:1", "b:1")),
        (config({"worker": ["b:1", "c:1"], "chief": ["a:1"]}, "chief"), 0, ("a:1", "b:1", "c:1")),
        (config({"worker": ["b:1", "c:1"], "chief": ["a:1"]}, index=1), 2, ("a:1", "b:1", "c:1")),
        (config({"worker": ["[::1]:1", "b:1"], "ps": []}), 0, ("[::1]:1", "b:1")),
    ],
)
def test_processes_are_counted_from_the_chief(
    environment: dict[str, str], rank: int, addresses: tuple[str, ...]
) -> None:
    found = cluster_of(MULTI_WORKER, 66, environment)
    assert found
    assert (found.rank, found.addresses) == (rank, addresses)


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "needs TF_CONFIG, which says .* start the same command in each"),
        ({"TF_CONFIG": "{"}, "cannot be used: it is no JSON; write it like"),
        ({"TF_CONFIG": "[]"}, "has no `cluster` and `task`"),
        (config({"worker": "a:1"}), "worker is no list of addresses"),
        (config({"worker": ["a", "b:1"]}), "'a' is no HOST:PORT"),
        (config({"worker": ["a:0", "b:1"]}), "'a:0' is no HOST:PORT"),
        (config({"worker": ["a:1", "a:1"]}), "names a:1 twice"),
        (config({"worker": {"0": "a:1", "2": "b:1"}}), "worker is no list"),
        (config({**TWO, "ps": ["c:1"]}), "names ps, and only a chief and workers train"),
        (config({**TWO, "chief": ["c:1", "d:1"]}), "names several chiefs"),
        (config(TWO, index=2), "task 'worker' 2 is not among the processes"),
        (config(TWO, index=True), "task 'worker' True is not among"),
        (config(TWO, "evaluator"), "task 'evaluator' 0 is not among"),
        (config(TWO, ["worker"]), "is not among"),
    ],
)
def test_what_describes_no_processes_is_refused(environment: dict[str, str], why: str) -> None:
    with pytest.raises(ClusterError, match=why):
        cluster_of(MULTI_WORKER, 64, environment)


def test_a_batch_is_shared_equally() -> None:
    with pytest.raises(ClusterError, match="batch_size` = 65 cannot be shared by the 2 processes"):
        cluster_of(MULTI_WORKER, 65, config(TWO))
