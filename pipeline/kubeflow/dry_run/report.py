"""What a dry run says on its way, one line a step, and at its end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from documents.final_figures import final_figures
from documents.shown import shown_lines
from documents.terminal.console import raw
from documents.terminal.short_path import short_path
from pipeline.kubeflow.dry_run.outcome import Outcome
from pipeline.kubeflow.dry_run.step import Step


class Report:
    """Progress, one line a step."""

    def __init__(self, output: TextIO):
        # A line that is written over needs a stream that lets it be.
        self._output = raw(os.dup(output.fileno())) if output.isatty() else output

    def line(self, text: str) -> None:
        print(shown_lines(text), file=self._output, flush=True)

    def started(self, task: str) -> None:
        if self._output.isatty():
            print(f"  ▸ {task} …", end="\r", file=self._output, flush=True)

    def finished(self, step: Step) -> None:
        if step.state == "cached":
            self.line(f"  ● {step.task:<18} cached")
            return
        fixed = step.fixed_cpu_seconds
        before = f", {fixed:.1f} before the executor" if fixed is not None else ""
        self.line(
            f"  ✔ {step.task:<18} {step.seconds:7.1f} s  {step.cpu_seconds:6.1f} CPU s{before}"
        )

    def total(self, steps: Sequence[Step], interpreter: float) -> None:
        fixed = [step.fixed_cpu_seconds for step in steps if step.fixed_cpu_seconds is not None]
        spent = sum(step.cpu_seconds for step in steps)
        if interpreter:
            self.line(
                f"  all steps {spent + interpreter:.1f} CPU s, {interpreter:.1f} of them for the "
                "interpreter that they shared (--separate: one for each step, as on a cluster)"
            )
        elif fixed:
            self.line(
                f"  fixed cost per step: {sum(fixed) / len(fixed):.1f} CPU s on average, "
                f"{max(fixed):.1f} at most; all steps {spent:.1f} CPU s"
            )

    def outcome(self, outcome: Outcome) -> None:
        figures = final_figures(outcome.test_accuracy, outcome.test_r2, outcome.test_examples)
        for name, said in figures:
            self.line(f"  {name} {said}")
        if outcome.no_new_data:
            self.line(f"  {outcome.no_new_data}")
        where = f" → {short_path(outcome.path)}" if outcome.path else ""
        if outcome.decision == "pushed":
            self.line(f"✔ Pushed version {outcome.version}{where}")
        elif outcome.decision == "already_live":
            self.line(f"✔ Live: version {outcome.version}{where}")
        elif outcome.decision == "refused":
            self.line(f"✘ NOT PUSHED {outcome.reason or ''}".rstrip())
        elif outcome.decision == "withdrawn":
            self.line(f"✘ WITHDRAWN {outcome.reason or ''}".rstrip())
        else:
            self.line(outcome.reason or "")

    def failed(self, step: Step, failure: Mapping[str, Any], retries: int) -> None:
        self.line(f"✘ {step.task} failed: {failure['reason']} (after {step.seconds:.1f} s)")
        for line in failure["last_lines"]:
            self.line(f"  │ {line}")
        if retries:
            self.line(f"  the cluster would try {retries} more times; a dry run does not")
        self.line(f"  log    {short_path(failure['log'])}")
        self.line(f"  again  {failure['again']}")
