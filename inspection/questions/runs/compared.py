"""What is different about several runs, and which of them is best."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from documents.figure import measured
from documents.slice import OVERALL
from documents.terminal.counted import counted
from inspection.answer import Answer
from inspection.evidence.logged import metrics_of_run
from inspection.evidence.metrics import Metric
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Run
from inspection.history.states import SUCCESSFUL
from inspection.no_answer import NoAnswerError
from inspection.questions.executions.parts import parts_of, whole_nodes
from inspection.questions.fate.fate import fate_of_run
from inspection.questions.fate.standing import Standings
from inspection.questions.models.evaluations import measured_by

MOST_RUNS = 100


class TooManyRunsError(NoAnswerError, ValueError):
    """More than MOST_RUNS; the message says so."""


@dataclasses.dataclass(frozen=True)
class ComparedRun:
    """One of the runs."""

    id: int
    name: str
    fate: str
    """In a word: `live`, `refused`, …"""
    why: str | None
    version: int | None
    started: datetime.datetime | None
    seconds: float | None

    @property
    def refused(self) -> bool:
        """Whether its model was not pushed because of a verdict."""
        return self.fate == "refused"


@dataclasses.dataclass(frozen=True)
class PartLine:
    """A setting or property that is not the same in all runs."""

    part: str
    values: tuple[str | None, ...]
    """In the order of the runs; None where a run has none."""


@dataclasses.dataclass(frozen=True)
class MetricLine:
    """A metric on one slice that is not the same in all runs."""

    metric: str
    slice: str
    higher_is_better: bool
    values: tuple[float | None, ...]
    """In the order of the runs; None where it was not measured."""
    failed: tuple[bool, ...]
    """Whether it missed a threshold in each run."""

    @property
    def best(self) -> int | None:
        """The place of the best run; None where all that have it are alike."""
        known = [(value, place) for place, value in enumerate(self.values) if value is not None]
        if len({value for value, _ in known}) < 2:
            return None
        choose = max if self.higher_is_better else min
        best = choose(value for value, _ in known)
        return next(place for value, place in known if value == best)


@dataclasses.dataclass(frozen=True)
class RunsComparison(Answer):
    """Several runs, oldest first unless they were named in another order."""

    runs: tuple[ComparedRun, ...]
    parts: tuple[PartLine, ...]
    metrics: tuple[MetricLine, ...]
    """Those on all examples first."""
    left_out: tuple[str, ...] = ()
    """Short ids of runs whose model was refused, where those are not wanted."""

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        out = f" ({', '.join(self.left_out)} left out: refused)" if self.left_out else ""
        if len(self.runs) < 2:
            return f"There are not two runs to compare{out}."
        told = f"{len(self.runs)} runs differ in {counted(len(self.parts), 'setting')} and "
        told += f"{counted(len(self.metrics), 'metric')}{out}"
        if not self.parts and not self.metrics:
            told = f"Nothing that was recorded differs between {len(self.runs)} runs{out}"
        first = self.metrics[0] if self.metrics else None
        if first is None or first.best is None or (value := first.values[first.best]) is None:
            return f"{told}."
        best = self.runs[first.best]
        fate = f", which was refused: {(best.why or 'nobody said why').rstrip('.')}"
        return (
            f"{told}; the best {first.metric} on {first.slice}, {measured(value)}, is that of"
            f" r{best.id}{fate if best.refused else ''}."
        )

    def rows(self) -> list[dict[str, Any]]:
        """A row for each run, a column for each thing that differs."""
        found = []
        for place, run in enumerate(self.runs):
            row: dict[str, Any] = {"run": f"r{run.id}", "fate": run.fate, "version": run.version}
            row |= {line.part: line.values[place] for line in self.parts}
            row |= {f"{line.metric} on {line.slice}": line.values[place] for line in self.metrics}
            found.append(row)
        return found


def compare_runs(
    history: History,
    runs: Iterable[Run],
    workspace: Workspace,
    standings: Standings | None = None,
    *,
    with_refused: bool = True,
) -> RunsComparison:
    """What differs among runs; the same run named twice counts once.

    Args:
      history: where they are.
      runs: at most MOST_RUNS.
      workspace: holds the evaluations' files.
      standings: to say how pushed versions stand now.
      with_refused: whether runs whose model was refused are among them.

    Raises:
      TooManyRunsError: there are more.
    """
    chosen = {run.id: run for run in runs}
    if len(chosen) > MOST_RUNS:
        raise TooManyRunsError(f"{len(chosen)} runs are too many to compare; name {MOST_RUNS}.")
    told = {id: _told(history, run, workspace, standings) for id, run in chosen.items()}
    out = [id for id, run in told.items() if run.refused and not with_refused]
    kept = [run for id, run in chosen.items() if id not in out]
    return RunsComparison(
        tuple(told[run.id] for run in kept),
        tuple(
            _parts(
                [parts_of(history, run) for run in kept],
                [whole_nodes(history, run) for run in kept],
            )
        ),
        tuple(_metrics([metrics_of(history, workspace, run) for run in kept])),
        tuple(f"r{id}" for id in out),
    )


def metrics_of(
    history: History, workspace: Workspace, run: Run, among: Container[int] | None = None
) -> dict[tuple[str, str], Metric]:
    """What was measured in a run, or taken from the cache, by metric and slice; those with
    thresholds first.

    Args:
      history: where the run is.
      workspace: where the files are.
      run: any run.
      among: the ids of all steps that measured something, where that is known.
    """
    found = [
        metric
        for step in history.last_ids_of(run.id)
        if (among is None or step in among) and history.steps.state_of(step) in SUCCESSFUL
        for metric in measured_by(history, workspace, step)
    ]
    logged = {each.key: each for each in metrics_of_run(run)}
    return logged | {each.key: each for each in sorted(found, key=lambda each: each.ok is None)}


def _told(
    history: History, run: Run, workspace: Workspace, standings: Standings | None
) -> ComparedRun:
    fate = fate_of_run(history, run, workspace, standings, evidence=False)
    return ComparedRun(
        run.id, run.name, fate.word, fate.why, fate.version, run.started, run.seconds
    )


def _parts(
    found: Sequence[Mapping[str, str]], whole: Sequence[Container[str]]
) -> Iterable[PartLine]:
    for name in dict.fromkeys(name for each in found for name in each):
        node = name.partition(": ")[0]
        # What a run did not come to, or to the end of, is not known, and no difference.
        values = {
            each.get(name)
            for each, nodes in zip(found, whole, strict=True)
            if name in each or node in nodes
        }
        if len(values) > 1:
            yield PartLine(name, tuple(each.get(name) for each in found))


def _metrics(found: Sequence[Mapping[tuple[str, str], Metric]]) -> Iterable[MetricLine]:
    keys = dict.fromkeys(key for each in found for key in each)
    for key in sorted(keys, key=lambda key: key[1] != OVERALL):
        metrics = [each.get(key) for each in found]
        values = tuple(each.value if each else None for each in metrics)
        if len({value for value in values if value is not None}) > 1:
            better = next(each.higher_is_better for each in metrics if each)
            failed = tuple(bool(each and each.ok is False) for each in metrics)
            yield MetricLine(*key, better, values, failed)
