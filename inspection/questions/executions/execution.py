"""What is known of an execution that nothing was decided in: outside any run, or skipped."""

from __future__ import annotations

import dataclasses

from inspection.answer import Answer
from inspection.history.records import Step
from inspection.history.states import FAILED, SKIPPED

_WORDS = {"running": "is running", "new": "is new", "unknown": "may have ended"}


@dataclasses.dataclass(frozen=True)
class ExecutionAnswer(Answer):
    """How it stands."""

    step: int
    node: str
    state: str
    run: int | None

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        name = f"{self.node} (s{self.step})"
        if self.state == SKIPPED:
            return f"{name} was skipped: its condition was not met."
        return (
            f"{name} {_WORDS.get(self.state, self.state)}; the store says of no run that it "
            f"belongs to, and no more of it than `python -m inspection show s{self.step}` shows."
        )

    @property
    def failed(self) -> bool:
        """Whether it came to no good end."""
        return self.state in FAILED


def of_its_own(step: Step) -> ExecutionAnswer | None:
    """The answer about an execution that no run can answer for; None for any other."""
    if step.run is not None and step.state != SKIPPED:
        return None
    return ExecutionAnswer(step.id, step.node, step.state, step.run)
