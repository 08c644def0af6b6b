"""The order of the checks, and what becomes of one that gets no answer."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.serving_check.answers import AnswerError
from components.serving_check.checks import (
    accuracy,
    latency,
    malformed,
    memory,
    parity,
    signatures,
    warm_up,
)
from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from components.serving_check.served import Served
from serving.client import ServingError

_progress = logging.getLogger("progress")


@dataclasses.dataclass(frozen=True)
class Drill:
    """One thing to measure on a served candidate, and how it is judged."""

    name: str
    measure: Callable[[Served], Any]
    judge: Callable[[Any, Options], Sequence[Check]]


DRILLS = (
    Drill(signatures.NAME, signatures.measure, signatures.judge),
    Drill(parity.NAME, parity.measure, parity.judge),
    Drill(warm_up.NAME, warm_up.measure, warm_up.judge),
    Drill(malformed.NAME, malformed.measure, malformed.judge),
    Drill(latency.NAME, latency.measure, latency.judge),
    Drill(accuracy.NAME, accuracy.measure, accuracy.judge),
    # Last, so that the peak is that of everything before.
    Drill(memory.NAME, memory.measure, memory.judge),
)


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
        except (AnswerError, ServingError, OSError) as error:
            found = str(error).rstrip(".")
            if not served.server.alive:
                found = f"that the server died: {served.server.last_line}"
            checks.append(
                Check(drill.name, ok=False, expected="answers to valid requests", found=found)
            )
            if not served.server.alive:
                break
        else:
            checks += drill.judge(measured[drill.name], served.options)
    return checks, measured
