"""Processes that train one model together, as TF_CONFIG describes them. Without TensorFlow.

The training operators of clusters set that variable
(https://www.tensorflow.org/guide/distributed_training#TF_CONFIG). Nobody reads it where no strategy
is set: each process would train everything, and all of them would write the same folder.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from typing import Any

from documents.settings.section import short
from documents.settings.twice import twice

VARIABLE = "TF_CONFIG"
MULTI_WORKER = "multi_worker"
_CHIEF, _WORKER = "chief", "worker"
_EXAMPLE = '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'


class ClusterError(ValueError):
    """The processes are others than the strategy takes; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Two processes or more, of which this is one."""

    jobs: Mapping[str, tuple[str, ...]]
    """Addresses, HOST:PORT, of chief and workers."""
    job: str
    index: int
    """Of this process in its job."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of all processes, the chief's first."""
        return (*self.jobs.get(_CHIEF, ()), *self.jobs.get(_WORKER, ()))

    @property
    def rank(self) -> int:
        """The place of this process among `addresses`; that of the chief is 0."""
        return self.index + (self.job == _WORKER) * len(self.jobs.get(_CHIEF, ()))


def cluster_of(
    strategy: str, batch_size: int, environment: Mapping[str, str] = os.environ
) -> Cluster | None:
    """The processes that train with this one; None where it is alone.

    Args:
      strategy: `training.strategy` of the settings.
      batch_size: `training.batch_size`, of all processes together.

    Raises:
      ClusterError: TF_CONFIG names others and the strategy is not multi_worker, or it is and
        TF_CONFIG does not describe the processes.
    """
    text = environment.get(VARIABLE, "")
    if strategy != MULTI_WORKER:
        _refuse_cluster(text)
        return None
    if not text.strip():
        raise ClusterError(
            f"Setting `training.strategy` = {MULTI_WORKER} needs {VARIABLE}, which says what"
            " processes train together and which of them this is: start the same command in each"
            f" with its own, e.g. {VARIABLE}='{_EXAMPLE}', or set the strategy to none."
        )
    try:
        cluster = _parsed(text)
    except (ValueError, RecursionError) as error:
        why = "it is no JSON" if isinstance(error, json.JSONDecodeError) else error
        raise ClusterError(
            f"{VARIABLE} = {short(text, 200)} cannot be used: {why}; write it like {_EXAMPLE}."
        ) from error
    count = len(cluster.addresses)
    if batch_size % count:
        raise ClusterError(
            f"Setting `training.batch_size` = {batch_size} cannot be shared by the {count}"
            f" processes of {VARIABLE}: make it a multiple of {count}."
        )
    return cluster if count > 1 else None


def _refuse_cluster(text: str) -> None:
    count = _processes(text)
    if count > 1:
        raise ClusterError(
            f"{VARIABLE} says that {count} processes train together, and this pipeline trains in"
            f" one: each would train everything and write the same folder; unset {VARIABLE}, and"
            f" start one process, or set training.strategy to {MULTI_WORKER}."
        )


def _processes(text: str) -> int:
    """In the cluster that is described; what is no description describes none."""
    try:
        cluster = json.loads(text)["cluster"]
        lists = [hosts for hosts in cluster.values() if isinstance(hosts, (list, dict))]
        return sum(map(len, lists))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return 0


def _parsed(text: str) -> Cluster:
    """Raises ValueError with the end of a sentence."""
    document = json.loads(text)
    found = document.get("cluster") if isinstance(document, dict) else None
    task = document.get("task") if isinstance(document, dict) else None
    if not isinstance(found, dict) or not isinstance(task, dict):
        raise ValueError("it has no `cluster` and `task`")
    jobs = {str(name): _hosts(name, hosts) for name, hosts in found.items() if hosts}
    others = sorted(jobs.keys() - {_CHIEF, _WORKER})
    if others:
        raise ValueError(f"it names {short(others[0])}, and only a chief and workers train here")
    if len(jobs.get(_CHIEF, ())) > 1:
        raise ValueError("it names several chiefs")
    job, index = task.get("type"), task.get("index")
    if isinstance(index, str) and index.isdecimal():
        index = int(index)
    if (
        not isinstance(job, str)
        or job not in jobs
        or type(index) is not int
        or not 0 <= index < len(jobs[job])
    ):
        raise ValueError(
            f"task {short(repr(job))} {short(repr(index))} is not among the processes of `cluster`"
        )
    cluster = Cluster(jobs, job, index)
    if (again := twice(cluster.addresses)) is not None:
        raise ValueError(f"it names {short(again)} twice")
    return cluster


def _hosts(name: Any, hosts: Any) -> tuple[str, ...]:
    """As a list has them, or a mapping by index."""
    if isinstance(hosts, dict) and sorted(hosts) == [str(place) for place in range(len(hosts))]:
        hosts = [hosts[str(place)] for place in range(len(hosts))]
    if not isinstance(hosts, list):
        raise ValueError(f"{short(str(name))} is no list of addresses")
    for each in hosts:
        host, _, port = each.rpartition(":") if isinstance(each, str) else ("", "", "")
        if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"{short(repr(each))} is no HOST:PORT")
    return tuple(hosts)
