"""`/`: all runs, newest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from documents.slice import OVERALL
from inspection.drawing.sparkline import Sparkline, sparkline
from inspection.evidence.logged import metrics_of_run
from inspection.evidence.metrics import Metric
from inspection.history.records import Run
from inspection.history.states import OF_RUNS
from inspection.questions.models.evaluations import measured_by
from inspection.questions.runs.filter import FATES, ORDERS, Condition, FilterError, RunFilter
from inspection.questions.runs.runs import RunLine, RunsAnswer, changes_told, list_runs, pipelines
from inspection.times import duration, parse_moment
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot

PER_PAGE = 50
CHOICES = ("pipeline", "state", "fate", "since", "where", "tag", "order")
LONGEST = 500
_MOST_TRENDS = 5


@dataclasses.dataclass(frozen=True)
class Trend:
    """A number over the runs that are shown."""

    name: str
    text: str
    """The last value."""
    spark: Sparkline | None


def page(snapshot: Snapshot, arguments: Mapping[str, str]) -> Page:
    history = snapshot.history
    number = max(1, int(arguments.get("page", "1")) if arguments.get("page", "").isdecimal() else 1)
    chosen = {key: arguments.get(key, "").strip()[:LONGEST] for key in CHOICES}
    tags = snapshot.notes.all_tags(history.runs.values())
    mistake = ""
    try:
        answer = _listed(snapshot, chosen, number)
    except FilterError as error:
        mistake = str(error)
        answer = _listed(
            snapshot, {**dict.fromkeys(CHOICES, ""), "pipeline": chosen["pipeline"]}, number
        )
    lines = answer.lines
    measured = {line.id: _measured(snapshot, history.runs[line.id]) for line in lines}
    return Page(
        "runs.html.j2",
        "Runs",
        {
            "answer": answer,
            "live": answer.running is not None,
            "lines": lines,
            "accuracy": {id: _first(found) for id, found in measured.items()},
            "trends": list(_trends(lines, measured)),
            "pipelines": pipelines(history),
            "chosen": {**chosen, "order": chosen["order"] or ORDERS[0]},
            "mistake": mistake,
            "states": OF_RUNS,
            "tags": tags,
            "others": urlencode({key: value for key, value in chosen.items() if value}),
            "fates": FATES,
            "orders": ORDERS,
            "changed": {line.id: changes_told(line) for line in lines},
            "page": number,
            "pages": -(-answer.total // PER_PAGE) or 1,
        },
    )


def _listed(snapshot: Snapshot, chosen: Mapping[str, str], number: int) -> RunsAnswer:
    since = chosen["since"]
    wanted = RunFilter(
        chosen["pipeline"] or None,
        chosen["fate"] or None,
        parse_moment(since, snapshot.now) if since else None,
        chosen["order"] or ORDERS[0],
        chosen["state"] or None,
        tuple(Condition.parse(each) for each in chosen["where"].split(",") if each.strip()),
        chosen["tag"] or None,
    )
    return list_runs(
        snapshot.history,
        snapshot.workspace,
        last=PER_PAGE,
        skip=PER_PAGE * (number - 1),
        wanted=wanted,
        standings=snapshot.standings,
        notes=snapshot.notes,
    )


def _measured(snapshot: Snapshot, run: Run) -> Mapping[str, Metric]:
    """The overall metrics of a run's own evaluations by name, those with thresholds first."""
    found = [
        metric
        for step in snapshot.history.last_ids_of(run.id)
        if snapshot.history.steps.state_of(step) == "complete"
        for metric in measured_by(snapshot.history, snapshot.workspace, step)
        if metric.slice == OVERALL
    ]
    found += metrics_of_run(run)
    return {metric.metric: metric for metric in sorted(found, key=lambda each: each.ok is None)}


def _first(measured: Mapping[str, Metric]) -> Metric | None:
    return next(iter(measured.values()), None)


def _trends(
    lines: Sequence[RunLine], measured: Mapping[int, Mapping[str, Metric]]
) -> Sequence[Trend]:
    oldest_first = list(reversed(lines))
    names = list(dict.fromkeys(name for line in lines for name in measured[line.id]))
    found = []
    for name in names[:_MOST_TRENDS]:
        metrics = [measured[line.id][name] for line in oldest_first if name in measured[line.id]]
        values = [metric.value for metric in metrics]
        found.append(Trend(name, f"{values[-1]:.4g}", sparkline(values, metrics[-1].lower_bound)))
    seconds = [line.seconds for line in oldest_first if line.seconds is not None]
    if seconds:
        found.append(Trend("took", duration(seconds[-1]), sparkline(seconds)))
    return found
