"""The order of the checks, and what becomes of one that gets no answer."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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

_progress = logging.getLogger("progress")


@dataclasses.dataclass(frozen=True)
class Drill:
    """One thing to measure on a served candidate, and how it is judged."""

    name: str
    measure: Callable[[Served], Any]
    judge: Callable[[Any, Options], Sequence[Check]]


DRILLS = (
    # Before anybody else has asked.
    Drill(first_request.NAME, first_request.measure, first_request.judge),
    Drill(signatures.NAME, signatures.measure, signatures.judge),
    Drill(compatibility.NAME, compatibility.measure, compatibility.judge),
    Drill(parity.NAME, parity.measure, parity.judge),
    Drill(warm_up.NAME, warm_up.measure, warm_up.judge),
    Drill(malformed.NAME, malformed.measure, malformed.judge),
    Drill(latency.NAME, latency.measure, latency.judge),
    Drill(comparison.NAME, comparison.measure, comparison.judge),
    Drill(accuracy.NAME, accuracy.measure, accuracy.judge),
    # So late that the peak is that of everything before.
    Drill(memory.NAME, memory.measure, memory.judge),
    Drill(rollout_check.NAME, rollout.measure, rollout_check.judge),
)


def examine(served: Served) -> tuple[list[Check], Mapping[str, Any]]:
    """Runs the drills in order.

    A drill whose requests fail is a failed check. Once the server has died, that is the last one.

    Returns:
      the rows, and what was measured by drill name.
    """
    checks: list[Check] = []
    measured: dict[str, Any] = {}
    for step, drill in enumerate(DRILLS, 1):
        _progress.info(drill.name, extra={"step": step, "total": len(DRILLS)})
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
