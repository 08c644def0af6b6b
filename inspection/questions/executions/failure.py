"""Where and why a run failed, and the command that resumes it."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from documents.run_record import RunRecord
from inspection.answer import Answer
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.records import Run, Step
from inspection.history.states import FAILED
from inspection.questions.executions.killed import died_in

NOT_RECORDED = "the command line that started it, which the store does not have"
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
_ERROR = re.compile(
    r"^(?P<type>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit))(?:: (?P<text>.*))?$"
)
_LIBRARY = ("/site-packages/", "/dist-packages/", "/lib/python", "<frozen")
_RUNNER = "/pipeline/local/"
_TRACE = "Traceback (most recent call last):"
_RESULT = "__execution_result__"
_LARGEST_TAIL = 2_000_000
"""Bytes of a log's end that are read; the failure is the last thing in it."""


_STATES_THAT_ARE = ("new", "running", "complete", "unknown")


@dataclasses.dataclass(frozen=True)
class Cause:
    """What a log says about a failure."""

    error: str
    """The error in its own words, its first line."""
    place: str | None
    """The deepest line of the user's own code: `models/network.py:41 in build: x = y`."""


@dataclasses.dataclass(frozen=True)
class FailureAnswer(Answer):
    """Where a run failed."""

    run: int
    name: str
    step: int | None
    node: str | None
    state: str
    cause: Cause | None
    inputs: tuple[str, ...]
    """What the step was given, `examples a1`."""
    log: str | None
    resume: str | None
    """The command line that goes on with it; None where it was not recorded."""
    during: bool = True
    """Whether the step was at work; a run can be killed between two."""
    next_attempt: str | None = None
    """`s9 is complete`, where the run tried the node again."""
    has_steps: bool = True
    """Whether any of the run was recorded."""

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if self.state == "killed" and not self.next_attempt:
            place = f"{self.node} (s{self.step})"
            where = f" {'in' if self.during else 'after'} {place}" if self.step is not None else ""
            return f"Run {self.name} was killed{where}."
        if self.step is None and self.state in FAILED:
            # Vertex has runs without executions.
            none = "no step of it did" if self.has_steps else "no step of it was recorded"
            return f"Run {self.name} {self.state}, as it says; {none}."
        if self.step is None:
            return f"Run {self.name} did not fail."
        was = "" if self.state == "failed" else "was "
        name = f"{self.node} (s{self.step}) {was}{self.state} in run {self.name}"
        if self.next_attempt:
            said = f": {self.cause.error.rstrip('.')}" if self.cause else ""
            return f"{name}{said}. It was tried again: {self.next_attempt}."
        said = f": {self.cause.error}" if self.cause else "; its log is not here."
        return f"{name}{said}"


def why_failed(
    history: History, run: Run, workspace: Workspace, of: Step | None = None
) -> FailureAnswer:
    """A failed step of a run, the first one by default, with what the local runner's log or the
    step itself says about it."""
    first = first_failed(history, run)
    step = of or first
    later = history.next_attempt(step) if step else None
    # What is written down of the whole run is about the step that ended it.
    is_first = step is None or step == first
    log = workspace.log(run.name)
    record = RunRecord.of(run.properties)
    killed = step.state == "killed" if of and step else run.state == "killed"
    return FailureAnswer(
        run=run.id,
        name=run.name,
        step=step.id if step else None,
        node=step.node if step else None,
        state="killed" if killed else step.state if step else run.state,
        cause=_result(step)
        or (read_cause(_tail(log)) if log and is_first else None)
        or (_recorded(record) if is_first else None)
        if step and not killed
        else None,
        inputs=tuple(
            f"{event.key} {short(history.artifacts[event.artifact])}"
            for event in history.inputs(step.id)
        )
        if step
        else (),
        log=str(log) if log else None,
        resume=record.resume(_here()) if (step or killed) and not later else None,
        during=not killed or (step is not None and step.state == "killed"),
        next_attempt=_told(later) if later else None,
        has_steps=bool(run.steps),
    )


def _told(step: Step) -> str:
    return f"{short(step)} {'is ' if step.state in _STATES_THAT_ARE else ''}{step.state}"


def _here() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return None


def _result(step: Step) -> Cause | None:
    """What TFX's launcher records of a node that it could not run."""
    try:
        told = json.loads(str(step.properties.get(_RESULT, "")))["resultMessage"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(told, str) or not told.strip():
        return None
    return read_cause(told) or Cause(told.strip().splitlines()[0], None)


def _recorded(record: RunRecord) -> Cause | None:
    return Cause(record.reason, None) if record.reason else None


def first_failed(history: History, run: Run) -> Step | None:
    """The step that ended a run; of one that was killed where, or after which, it was."""
    # Kubeflow calls the graph failed, too, that the node is in.
    last = history.last_steps_of(run.id)
    steps = [step for step in last if not step.is_group] or last
    if run.state == "killed":
        return died_in(steps)
    if run.state == "complete":
        return None  # some say so themselves, whatever was tried in them
    for state in ("failed", "canceled"):
        for step in steps:
            if step.state == state:
                return step
    return None


def read_cause(log: str) -> Cause | None:
    """The last error in a log; None when it has no trace.

    Args:
      log: text with Python's traces in it.
    """
    start = log.rfind(_TRACE)
    if start < 0:
        return None
    lines = log[start:].splitlines()
    errors = [match for line in lines if (match := _ERROR.match(line.strip()))]
    if not errors:
        return None
    # The trace before `The above exception was the direct cause` is the cause itself.
    chained = _chain(log[:start])
    frames = [*_own_frames(chained), *_own_frames(lines)]
    cause = _first_error(chained) or errors[0]
    text = cause["text"] or cause["type"]
    own = not cause["type"].startswith(("builtins",)) and "." in cause["type"]
    error = text if own else f"{cause['type']}: {text}" if cause["text"] else text
    return Cause(error.strip(), frames[-1] if frames else None)


_CHAINED = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)


def _chain(before: str) -> Sequence[str]:
    """The lines of the trace just before, when the last one was raised from it."""
    stripped = before.rstrip()
    if not stripped.endswith(_CHAINED):
        return ()
    start = stripped.rfind(_TRACE)
    return stripped[start:].splitlines() if start >= 0 else ()


def _first_error(lines: Sequence[str]) -> re.Match[str] | None:
    return next((match for line in lines if (match := _ERROR.match(line))), None)


def _own_frames(lines: Sequence[str]) -> list[str]:
    found = []
    for number, line in enumerate(lines):
        frame = _FRAME.match(line)
        if frame and not any(part in frame["path"] for part in (*_LIBRARY, _RUNNER)):
            code = lines[number + 1].strip() if number + 1 < len(lines) else ""
            place = "/".join(Path(frame["path"]).parts[-2:])
            found.append(f"{place}:{frame['line']} in {frame['function']}: {code}")
    return found


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LARGEST_TAIL))
        return file.read().decode("utf-8", "replace")
