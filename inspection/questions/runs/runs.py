"""Which runs there were, what is running, and whether the last one finished."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from documents.shown import cut
from documents.terminal.counted import counted
from inspection.answer import Answer
from inspection.files.notes import Notes
from inspection.files.workspace import Workspace
from inspection.history.history import MANY, History
from inspection.history.records import Run
from inspection.history.states import OF_STEPS
from inspection.questions.executions.cache import Difference
from inspection.questions.fate.fate import fate_of_run
from inspection.questions.fate.run_end import Outcome
from inspection.questions.fate.standing import TAKEN_BACK, Standings
from inspection.questions.runs.difference import causes_of
from inspection.questions.runs.facts import run_facts
from inspection.questions.runs.filter import RunFilter

LONGEST_REASON = 500
"""Characters of it that the first line tells; the run's own page tells all."""
MOST_EXPLAINED = 200
_MOST_NAMED = 12
_MOST_SHOWN = 16
"""Characters of a value that changed."""
_CHANGED = ("superseded", "removed", *TAKEN_BACK)


@dataclasses.dataclass(frozen=True)
class RunLine:
    """One run in a list."""

    id: int
    name: str
    pipeline: str
    state: str
    started: datetime.datetime | None
    seconds: float | None
    steps: Mapping[str, int]
    """Number of steps by state, of each node the last attempt."""
    outcome: Outcome
    reason: str | None
    model: int | None
    version: int | None
    fate: str = ""
    """Of its model, in a word: `live`, `superseded`, `rolled_back`, `refused`, …"""
    changed: tuple[Difference, ...] = ()
    """What people changed since the run of the pipeline before; of up to MOST_EXPLAINED runs."""
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class RunsAnswer(Answer):
    """The last runs, newest first, and how many there are."""

    ROWS = "lines"

    total: int
    loose_steps: int
    """Steps that belong to no run."""
    running: int | None
    """Id of the run that a process is busy with."""
    abandoned: tuple[int, ...]
    """Runs that were killed."""
    lines: tuple[RunLine, ...]
    artifacts: int = 0
    """Of the whole store."""
    of: int | None = None
    """How many runs there are in all, where not all were wanted."""
    newest: RunLine | None = None
    """The last run of those that were asked about, in whatever order and part they are listed."""
    among: int = 0
    """How many runs the store has."""
    pipelines: tuple[str, ...] = ()
    """Some that the store has, where none of its runs is of the one that was asked for."""

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if self.of is not None:
            are = "is" if self.total == 1 else "are"
            return f"{self.total:,} of {counted(self.of, 'run')} {are} what was asked for."
        if not self.newest and self.among:
            named = f"; the store has {', '.join(self.pipelines)}" if self.pipelines else ""
            return f"None of {counted(self.among, 'run')} is of that pipeline{named}."
        if not self.newest:
            if self.loose_steps:
                return (
                    f"No runs: the store has {counted(self.loose_steps, 'execution')} outside any "
                    "run; `python -m inspection list executions` lists them."
                )
            if self.artifacts:
                return (
                    f"No runs: the store has {counted(self.artifacts, 'artifact')}; "
                    "`python -m inspection list artifacts` lists them."
                )
            return "No runs yet: `make run` makes the first one."
        last = self.newest
        count = f"{counted(self.total, 'run')}{'' if self.lines else ', none on this page'}; "
        if self.running == last.id:
            return f"{count}{last.name} is running."
        if last.id in self.abandoned:
            return f"{count}the last one, {last.name}, was killed: {last.reason}"
        return f"{count}the last one, {last.name}, {self._end(last)}"

    def _end(self, last: RunLine) -> str:
        version = f" version {last.version}" if last.version is not None else ""
        reason = cut(str(last.reason), LONGEST_REASON)
        now = f", which is {last.fate.replace('_', ' ')} now" if last.fate in _CHANGED else ""
        return {
            "pushed": f"pushed{version}{now}.",
            "complete": f"is complete: {last.reason}",
            "unknown": f"may have finished: {last.reason}",
            "already_live": f"changed nothing:{version or ' the model'} already is live.",
            "refused": f"refused its model: {reason}",
            "withdrawn": f"pushed{version}, which was withdrawn: {reason}",
        }.get(last.outcome, f"did not finish: {reason}")


def list_runs(
    history: History,
    workspace: Workspace | None = None,
    *,
    last: int | None = None,
    skip: int = 0,
    wanted: RunFilter = RunFilter(),  # noqa: B008 (it cannot be changed)
    standings: Standings | None = None,
    notes: Notes | None = None,
) -> RunsAnswer:
    """The runs, newest first unless another order is wanted.

    Args:
      history: where they are.
      workspace: holds reasons that are not in the store.
      last: how many at most.
      skip: so many of the newest.
      wanted: only these, in this order.
      standings: to say how pushed versions stand now.
      notes: hold the tags.

    Raises:
      FilterError: there is no such state or fate, or no run has what a condition or the order
        names.
    """
    tags = (notes or Notes()).tags
    runs = wanted.of(history.runs.values(), run_facts(history, workspace), tags)
    end = None if last is None else skip + last
    if len(runs if wanted.fate else runs[skip:end]) > MANY:
        history.expect_many()
    if wanted.fate is None:
        lines = [_line(history, run, workspace, standings) for run in runs[skip:end]]
        total = len(runs)
    else:
        all_lines = (_line(history, run, workspace, standings) for run in runs)
        fitting = [line for line in all_lines if wanted.wants(line.outcome, line.fate)]
        lines, total = fitting[skip:end], len(fitting)
    explained = len(lines) <= MOST_EXPLAINED
    lines = [
        dataclasses.replace(
            line,
            changed=_causes(history, history.runs[line.id]) if explained else (),
            tags=tuple(tags(history.runs[line.id])),
        )
        for line in lines
    ]
    newest = _newest(history, runs, lines, workspace, standings)
    active = [run.id for run in reversed(list(history.runs.values())) if run.state == "running"]
    return RunsAnswer(
        total=total,
        loose_steps=sum(run is None for run in map(history.steps.run_of, history.steps)),
        running=active[0] if active else None,
        abandoned=tuple(run.id for run in runs if run.state == "killed"),
        lines=tuple(lines),
        artifacts=len(history.artifacts),
        of=len(history.runs) if wanted.is_set else None,
        newest=newest,
        among=len(history.runs),
        pipelines=() if newest else tuple(pipelines(history)[:_MOST_NAMED]),
    )


def _newest(
    history: History,
    runs: Sequence[Run],
    lines: Sequence[RunLine],
    workspace: Workspace | None,
    standings: Standings | None,
) -> RunLine | None:
    last = max(runs, key=lambda run: run.id, default=None)
    if last is None:
        return None
    listed = next((line for line in lines if line.id == last.id), None)
    return listed or _line(history, last, workspace, standings)


def run_before(history: History, run: Run) -> Run | None:
    """The run of the same pipeline just before."""
    found = None
    for each in history.runs.values():
        if each.id == run.id:
            break
        if set(each.pipelines).intersection(run.pipelines):
            found = each
    return found


def _line(
    history: History, run: Run, workspace: Workspace | None, standings: Standings | None
) -> RunLine:
    fate = fate_of_run(history, run, workspace, standings, evidence=False)
    states = [step.state for step in history.last_steps_of(run.id) if not step.is_group]
    return RunLine(
        id=run.id,
        name=run.name,
        pipeline=run.pipeline,
        state=run.state,
        started=run.started,
        seconds=run.seconds,
        steps={state: states.count(state) for state in OF_STEPS if state in states},
        outcome=fate.outcome,
        reason=fate.reason,
        model=fate.model,
        version=fate.version,
        fate=fate.word,
    )


def _causes(history: History, run: Run) -> tuple[Difference, ...]:
    before = run_before(history, run)
    return causes_of(history, before, run) if before else ()


def changes_told(line: RunLine) -> str:
    """The first of what changed: `Trainer: setting training.seed: 0 → 1 and 2 more`."""
    if not line.changed:
        return ""
    first = line.changed[0]
    more = f" and {len(line.changed) - 1} more" if len(line.changed) > 1 else ""
    before, now = str(first.before or "–"), str(first.now or "–")
    if before[:_MOST_SHOWN] == now[:_MOST_SHOWN]:
        # Paths mostly differ at their end.
        same = _alike(before, now)
        start = max(0, min(same, max(len(before), len(now)) - _MOST_SHOWN + 1))
        before, now = (f"…{value[start:]}" if start else value for value in (before, now))
    return f"{first.part}: {before[:_MOST_SHOWN]} → {now[:_MOST_SHOWN]}{more}"


def _alike(before: str, now: str) -> int:
    """How many characters are the same at the beginning."""
    pairs = enumerate(zip(before, now, strict=False))
    return next(
        (place for place, (one, other) in pairs if one != other), min(len(before), len(now))
    )


def step_counts(line: RunLine) -> str:
    """`8 cached, 2 complete`."""
    return ", ".join(f"{count} {state}" for state, count in line.steps.items())


def pipelines(history: History) -> Sequence[str]:
    """The names of all pipelines in the store."""
    return sorted({name for run in history.runs.values() for name in run.pipelines})
