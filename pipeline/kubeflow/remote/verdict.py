"""What became of a run's model, and the exit code that says so."""

from __future__ import annotations

import dataclasses
from typing import Any

from documents.outcome import PushOutcome, read_push_line
from documents.settings.section import short
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.run import Run
from pipeline.kubeflow.remote.service import Service

OK, FAILED, REFUSED, STILL_RUNNING, UNKNOWN = 0, 1, 3, 4, 5
"""Exit codes; the first three mean what the local runner's mean."""
EXIT_CODES = """\
exit codes:
  0  a model was pushed, or the same one already is live
  1  the run failed or was cancelled, or the server refuses or cannot be reached
  2  a mistake in the command line, or a secret that cannot be read
  3  the run finished and the model was refused or withdrawn; the last line says why
  4  --timeout is over and the run goes on
  5  the run succeeded, and what became of the model cannot be read
  130  Ctrl-C; the run goes on"""

PUSHER = "Pusher"
_CODES: dict[PushOutcome, int] = {
    "pushed": OK,
    "already_live": OK,
    "refused": REFUSED,
    "withdrawn": REFUSED,
}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How a run ended, and what became of its model where that is known."""

    code: int
    outcome: str
    """pushed, already_live, refused, withdrawn; failed, cancelled, running or unknown."""
    reason: str | None = None
    """Or the path of the version that was pushed."""
    node: str | None = None
    """The first that failed."""
    last_lines: tuple[str, ...] = ()
    """Of the log of `node`."""

    def as_json(self) -> dict[str, Any]:
        made = dataclasses.asdict(self)
        made["exit_code"] = made.pop("code")
        return made


def judge(service: Service, run: Run, *, lines: int = 15) -> Verdict:
    """The verdict on a run that is over; reads logs where the server does not tell."""
    if run.state == "cancelled":
        return Verdict(FAILED, "cancelled", "The run was cancelled.")
    if run.state == "failed":
        return _failure(service, run, lines)
    if run.state != "succeeded":
        return Verdict(STILL_RUNNING, "running", f"The run is {run.state}.")
    node = run.node(PUSHER)
    if run.decision is None and node is None:
        return Verdict(UNKNOWN, "unknown", f"The run has no node {PUSHER}, so nothing was pushed.")
    decision = run.decision
    if decision is None and node is not None and node.state in ("cached", "skipped"):
        return Verdict(UNKNOWN, "unknown", f"{PUSHER} was {node.state}, so nothing was pushed.")
    if decision is None and node is not None:
        try:
            found = [said for line in service.log(run, node) if (said := read_push_line(line))]
        except RemoteError as error:
            return Verdict(UNKNOWN, "unknown", str(error))
        if not found:
            return Verdict(UNKNOWN, "unknown", f"The log of {PUSHER} does not say what it did.")
        decision = found[-1]
    assert decision
    outcome, reason = decision
    for known, code in _CODES.items():
        if outcome == known:
            return Verdict(code, outcome, short(reason, 500) if reason else None)
    return Verdict(UNKNOWN, "unknown", f"The outcome reads {short(outcome)!r}.")


def _failure(service: Service, run: Run, lines: int) -> Verdict:
    failed = next((node for node in run.nodes if node.state == "failed"), None)
    if failed is None:
        return Verdict(FAILED, "failed", run.error or "The server does not say why.")
    last: list[str] = []
    try:
        for line in service.log(run, failed):
            last = [*last[1 - lines :], line]
    except RemoteError as error:
        last = [str(error)]
    return Verdict(
        FAILED, "failed", failed.error or run.error, node=failed.name, last_lines=tuple(last)
    )
