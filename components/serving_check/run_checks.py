"""The order of the checks, and what becomes of one that gets no answer.

Checks come in groups. Those of CORRECTNESS ask whether the answers are right, need nothing but a
server that has loaded the candidate, and disturb nobody: many candidates can be held on one server
process, one after the other. Those of SPEED measure time and memory of a server that serves this
candidate alone, or start servers of their own. For example, for a candidate among others::

    with Connection(server.rest_url) as connection, GrpcClient(target, name) as grpc:
        served = Served(server=server, connection=connection, grpc=grpc, model_name=name, …)
        checks, measured = run_checks(served, CORRECTNESS)
        refusal(checks)  # None, or the sentence on the first check that fails

`prepare_warm_up` in warm_up_file.py writes the warm-up file that `Served` names; it is written
before the candidate is loaded.
"""

from __future__ import annotations

import dataclasses
import http
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

import tensorflow as tf

from components.serving_check import contention, rollout
from components.serving_check.answers import AnswerError
from components.serving_check.checks import (
    accuracy,
    compatibility,
    description,
    encodings,
    first_request,
    graph,
    inputs,
    latency,
    malformed,
    memory,
    outputs,
    parity,
    paths,
    signatures,
    sizes,
    steady,
    warm_up,
)
from components.serving_check.checks import rollout as rollout_check
from components.serving_check.checks.check import Check
from components.serving_check.columns import ExampleError
from components.serving_check.connection import TIMEOUT_SECONDS
from components.serving_check.control import (
    LiveVersionError,
    MachineError,
    blame_machine_if_it_fails,
    is_of_the_machine,
    machine_error,
    short_of_something,
)
from components.serving_check.options import Options
from components.serving_check.reference import MissingReferenceError
from components.serving_check.served import Served
from components.serving_check.stopwatch import Stopwatch
from serving.clients.rest_client import ServingError
from serving.launch import LaunchError, UnavailableError

DEATH_SECONDS = 10.0
"""How long a server without an answer is given to end, before it counts as alive: to free gigabytes
takes a busy machine seconds."""

CRASH = "crash"
"""What is measured beside the drills: how the server crashed, which a signal from outside can have
brought about as well."""

PATIENCE = 4
"""How many times longer an answer is waited for where others had most of the time."""

Group = Literal["correctness", "speed"]

_logger = logging.getLogger(__name__)
_progress = logging.getLogger("progress")


@dataclasses.dataclass(frozen=True)
class Drill:
    """One thing to measure on a served candidate, and how it is judged."""

    name: str
    measure: Callable[[Served], Any]
    judge: Callable[[Any, Options], Sequence[Check]]
    group: Group
    ends: Callable[[Any, Options], bool] = lambda measured, options: False
    """Whether what was measured leaves nothing further to ask."""


DRILLS = (
    # Before anybody else has asked.
    Drill(first_request.NAME, first_request.measure, first_request.judge, "speed"),
    Drill(latency.NAME, latency.measure, latency.judge, "speed", ends=latency.is_far),
    Drill(signatures.NAME, signatures.measure, signatures.judge, "correctness"),
    Drill(description.NAME, description.measure, description.judge, "correctness"),
    Drill(compatibility.NAME, compatibility.measure, compatibility.judge, "correctness"),
    Drill(graph.NAME, graph.measure, graph.judge, "correctness"),
    Drill(parity.NAME, parity.measure, parity.judge, "correctness"),
    Drill(outputs.NAME, outputs.measure, outputs.judge, "correctness"),
    Drill(sizes.NAME, sizes.measure, sizes.judge, "correctness"),
    Drill(paths.NAME, paths.measure, paths.judge, "correctness"),
    Drill(encodings.NAME, encodings.measure, encodings.judge, "correctness"),
    Drill(inputs.NAME, inputs.measure, inputs.judge, "correctness"),
    Drill(steady.NAME, steady.measure, steady.judge, "correctness"),
    Drill(warm_up.NAME, warm_up.measure, warm_up.judge, "correctness"),
    Drill(malformed.NAME, malformed.measure, malformed.judge, "correctness"),
    Drill(accuracy.NAME, accuracy.measure, accuracy.judge, "correctness"),
    # So late that the peak is that of everything before, but for a second version beside this one.
    Drill(memory.NAME, memory.measure, memory.judge, "speed"),
    Drill(rollout_check.NAME, rollout.measure, rollout.judge, "speed"),
)

CORRECTNESS = tuple(drill for drill in DRILLS if drill.group == "correctness")
SPEED = tuple(drill for drill in DRILLS if drill.group == "speed")


def run_checks(
    served: Served, drills: Sequence[Drill] = DRILLS
) -> tuple[list[Check], Mapping[str, Any]]:
    """Runs the drills in order.

    A drill whose requests fail is a failed check. Once the server has died or fallen silent, or is
    so slow that the others would take many minutes, that is the last one. Whatever the candidate
    does ends in such a row.

    Returns:
      the rows, those of correctness first, since they tell more; and what was measured by drill
      name, and how the server crashed under CRASH if it did.

    Raises:
      MachineError: the machine lacks something, or serves no other model either.
      LiveVersionError: the live version does not answer.
      LaunchError: the server was killed from outside, or another one could not be started.
      ExampleError: the options do not describe the examples.
    """
    rows: dict[str, list[Check]] = {group: [] for group in get_args(Group)}
    measured: dict[str, Any] = {}
    for step, drill in enumerate(drills, 1):
        _progress.info(drill.name, extra={"step": step, "total": len(drills)})
        checks = rows[drill.group]
        try:
            measured[drill.name] = _measured(drill, served)
            checks += drill.judge(measured[drill.name], served.options)
            if drill.ends(measured[drill.name], served.options):
                checks.append(_unasked(drill))
                break
        except (ExampleError, MissingReferenceError, MachineError, LiveVersionError):
            raise
        except (MemoryError, tf.errors.OpError) as error:
            # Of TensorFlow in this process, which reads what was written before the check.
            raise machine_error(error) from error
        except LaunchError as error:
            # The live version or the candidate, which was loaded before, on another server.
            _blame_machine_unless_loading(error, served.options)
            checks.append(_failed(drill, str(error)))
            _note(error, measured)
        except ServingError as error:
            checks.append(_failed(drill, str(error)))
        except OSError as error:
            checks.append(_failed(drill, _silence(served, error)))
            if not served.server.alive:
                _note(served.server.failure("while it was asked"), measured)
            break
        except RuntimeError as error:
            if not short_of_something(error):
                raise
            raise machine_error(error) from error
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            # An answer can be odd in more ways than anybody has thought of.
            _logger.debug("%s", drill.name, exc_info=True)
            checks.append(_failed(drill, _told(error)))
    return [check for group in rows.values() for check in group], measured


def _note(error: LaunchError, measured: dict[str, Any]) -> None:
    """Notes what somebody outside can have brought about."""
    if isinstance(error, UnavailableError) and error.again:
        measured.setdefault(CRASH, str(error))


def _measured(drill: Drill, served: Served) -> Any:
    """What the drill finds; with more patience where others kept the server from answering, or
    whoever stopped it may let it go on; once more where it did not even work at an answer."""
    watch = Stopwatch(served.server.pid)
    watch.start()
    try:
        return drill.measure(served)
    except OSError as error:
        lap = watch.lap()
        crowded = contention.is_crowded(lap.longest_wait, lap.wall) or served.server.held
        if not _is_late(error) or not (crowded or contention.is_still(lap, TIMEOUT_SECONDS)):
            raise
        _logger.info("%s: no answer in time from a server held up; asking again", drill.name)
    with served.patient(PATIENCE if crowded else 1) as patient:
        return drill.measure(patient)


def _is_late(error: OSError) -> bool:
    """Whether an answer may still come."""
    status = getattr(error.__cause__, "status", None)
    return isinstance(error, TimeoutError) or status == http.HTTPStatus.GATEWAY_TIMEOUT


def _failed(drill: Drill, found: str) -> Check:
    return Check(drill.name, ok=False, expected="right answers to valid requests", found=found)


def _unasked(drill: Drill) -> Check:
    return Check(
        "other checks",
        ok=False,
        expected="answers in time",
        found=f"were not asked: they would take many minutes, as {drill.name} shows",
    )


def _told(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, AnswerError) else f"an answer that nobody can read ({text})"


def _blame_machine_unless_loading(error: LaunchError, options: Options) -> None:
    if not isinstance(error, UnavailableError):
        raise error
    blame_machine_if_it_fails(str(error), options)


def _silence(served: Served, error: OSError) -> str:
    """What to say of a server that does not answer, when nobody but its model is to blame."""
    if is_of_the_machine(error):
        raise machine_error(error) from error
    found = f"no answer ({error})"
    if _dies(served):
        failure = served.server.failure("while it was asked")
        if not isinstance(failure, UnavailableError):
            raise failure from error
        found = f"the server died: {served.server.last_line}"
    if served.server.held:
        raise machine_error(RuntimeError(f"{found}, as the model server was stopped from outside"))
    blame_machine_if_it_fails(found, served.options)
    return found


def _dies(served: Served) -> bool:
    """Whether the server ends; its connections break a moment before its process is gone."""
    deadline = time.monotonic() + DEATH_SECONDS
    while served.server.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    return not served.server.alive
