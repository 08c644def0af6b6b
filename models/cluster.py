"""Whether this process was told that it is one of several which train together. Without TensorFlow.

TF_CONFIG says so (https://www.tensorflow.org/guide/distributed_training#TF_CONFIG), as the training
operators of clusters set it. TensorFlow reads it only with a strategy; without one each process
would train everything, and all of them would write the same folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

VARIABLE = "TF_CONFIG"


class ClusterError(ValueError):
    """There are other processes than this one; the message says what to do."""


def refuse_cluster(environment: Mapping[str, str] = os.environ) -> None:
    """Call before training.

    Raises:
      ClusterError: TF_CONFIG names more processes than this one.
    """
    count = _processes(environment.get(VARIABLE, ""))
    if count > 1:
        raise ClusterError(
            f"{VARIABLE} says that {count} processes train together, and this pipeline trains in"
            f" one: each would train everything and write the same folder; unset {VARIABLE}, and"
            " start one process."
        )


def _processes(text: str) -> int:
    """In the cluster that is described; what is no description describes none."""
    try:
        cluster = json.loads(text)["cluster"]
        lists = [hosts for hosts in cluster.values() if isinstance(hosts, (list, dict))]
        return sum(map(len, lists))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return 0
