"""How a run ended, where no push of a model tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from documents.outcome import Outcome as RunOutcome
from documents.run_record import RunRecord
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.records import Run, Step
from inspection.history.states import OPEN, SKIPPED
from inspection.questions.executions.killed import died_in
from inspection.questions.models.models import has_pusher, is_pusher

Outcome = RunOutcome | Literal["killed", "complete", "unknown"]
"""`complete` came to the end of a pipeline that pushes nothing, or did not ask for it; of `unknown`
the store does not say how it ended."""

_SAID = {"failed": "failed", "canceled": "was canceled"}


def end_of(history: History, run: Run | None, steps: Sequence[Step]) -> tuple[Outcome, str]:
    """How a run ended that did not come to a push, and why.

    Args:
      history: tells what other runs of its pipeline have.
      run: None of what belongs to none.
      steps: of each of its nodes the last attempt.
    """
    steps = [step for step in steps if not step.is_group] or steps
    if run and run.state == "killed":
        died = died_in(steps)
        where = (
            f" {'in' if died.state == 'killed' else 'after'} {died.node} ({short(died)})"
            if died
            else ""
        )
        return "killed", f"the run was killed{where}."
    record = RunRecord.of(run.properties) if run else RunRecord()
    # Of a run that says how it ended nobody need go by what was tried in it.
    ended_well = run is not None and run.state == "complete"
    for step in () if ended_well else steps:
        if step.state in ("failed", "canceled"):
            said = f": {record.reason}" if record.reason else "."
            return "failed", f"{step.node} ({short(step)}) {step.state}{said}"
    for step in steps:
        if step.state in OPEN:
            return "running", f"{step.node} ({short(step)}) is running."
    if not steps:
        return _without_steps(run)
    if run and run.state in ("failed", "canceled"):
        return "failed", f"it says that it {_SAID[run.state]}."
    for step in reversed(steps):
        if step.state == "unknown":
            return "unknown", f"the store does not say how {step.node} ({short(step)}) ended."
    for step in steps:
        if step.state == SKIPPED and is_pusher(step):
            return (
                "complete",
                f"{step.node} ({short(step)}) was skipped: its condition was not met.",
            )
    if record.outcome == "interrupted":
        return "interrupted", f"it was interrupted after {steps[-1].node}."
    if (
        run
        and run.state == "complete"
        and not any(has_pusher(history, each) for each in run.pipelines)
    ):
        return "complete", "its pipeline has no Pusher."
    return "unfinished", f"the run ended with {steps[-1].node}, before any push."


def _without_steps(run: Run | None) -> tuple[Outcome, str]:
    """Of a run that has no executions, such as what people log to Vertex by hand."""
    ends: dict[str, tuple[Outcome, str]] = {
        "complete": ("complete", "it was logged without executions, and pushed nothing."),
        "running": ("running", "it says that it is running, and no step of it was recorded."),
        "failed": ("failed", f"it says that it {_SAID['failed']}, and no step of it was recorded."),
        "canceled": (
            "failed",
            f"it says that it {_SAID['canceled']}, and no step of it was recorded.",
        ),
        "unknown": ("unknown", "it was logged without executions and does not say how it ended."),
    }
    return ends.get(run.state if run else "", ("unfinished", "no step of the run was recorded."))
