"""The order of the checks, and what becomes of one that gets no answer.

Checks come in groups. Those of CORRECTNESS ask whether the answers are right, need nothing but a
server that has loaded the candidate, and disturb nobody: many candidates can be held on one server
process, one after the other. Those of SPEED measure time and memory of a server that serves this
candidate alone, or start servers of their own. For example, for a candidate among others::

    with Connection(server.rest_url) as connection, GrpcClient(target, name) as grpc:
        served = Served(server=server, connection=connection, grpc=grpc, model_name=name, …)
        checks, measured = examine(served, CORRECTNESS)
        refusal(checks)  # None, or the sentence on the first check that fails

`prepare_warm_up` in warm_up_file.py writes the warm-up file that `Served` names; it is written
before the candidate is loaded.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from components.serving_check import rollout
from components.serving_check.answers import AnswerError
from components.serving_check.checks import (
    accuracy,
    comparison,
    compatibility,
    first_request,
    latency,
    malformed,
    memory,
    parity,
    signatures,
    warm_up,
)
from components.serving_check.checks import rollout as rollout_check
from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from components.serving_check.served import Served
from serving.client import ServingError
from serving.launch import LaunchError

DEATH_SECONDS = 2.0
"""How long a server without an answer is given to end, before it counts as alive."""

Group = Literal["correctness", "speed"]

_progress = logging.getLogger("progress")


@dataclasses.dataclass(frozen=True)
class Drill:
    """One thing to measure on a served candidate, and how it is judged."""

    name: str
    measure: Callable[[Served], Any]
    judge: Callable[[Any, Options], Sequence[Check]]
    group: Group


DRILLS = (
    # Before anybody else has asked.
    Drill(first_request.NAME, first_request.measure, first_request.judge, "speed"),
    Drill(signatures.NAME, signatures.measure, signatures.judge, "correctness"),
    Drill(compatibility.NAME, compatibility.measure, compatibility.judge, "correctness"),
    Drill(parity.NAME, parity.measure, parity.judge, "correctness"),
    Drill(warm_up.NAME, warm_up.measure, warm_up.judge, "correctness"),
    Drill(malformed.NAME, malformed.measure, malformed.judge, "correctness"),
    Drill(latency.NAME, latency.measure, latency.judge, "speed"),
    Drill(comparison.NAME, comparison.measure, comparison.judge, "speed"),
    Drill(accuracy.NAME, accuracy.measure, accuracy.judge, "correctness"),
    # So late that the peak is that of everything before.
    Drill(memory.NAME, memory.measure, memory.judge, "speed"),
    Drill(rollout_check.NAME, rollout.measure, rollout_check.judge, "speed"),
)

CORRECTNESS = tuple(drill for drill in DRILLS if drill.group == "correctness")
SPEED = tuple(drill for drill in DRILLS if drill.group == "speed")


def examine(
    served: Served, drills: Sequence[Drill] = DRILLS
) -> tuple[list[Check], Mapping[str, Any]]:
    """Runs the drills in order.

    A drill whose requests fail is a failed check. Once the server has died, that is the last one.

    Returns:
      the rows, and what was measured by drill name.
    """
    checks: list[Check] = []
    measured: dict[str, Any] = {}
    for step, drill in enumerate(drills, 1):
        _progress.info(drill.name, extra={"step": step, "total": len(drills)})
        try:
            measured[drill.name] = drill.measure(served)
        except (AnswerError, ServingError, LaunchError, OSError) as error:
            died = isinstance(error, OSError) and _dies(served)
            found = f"the server died: {served.server.last_line}" if died else str(error)
            checks.append(
                Check(drill.name, ok=False, expected="answers to valid requests", found=found)
            )
            if died:
                break
        else:
            checks += drill.judge(measured[drill.name], served.options)
    return checks, measured


def _dies(served: Served) -> bool:
    """Whether the server ends; its connections break a moment before its process is gone."""
    deadline = time.monotonic() + DEATH_SECONDS
    while served.server.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    return not served.server.alive
