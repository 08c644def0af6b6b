"""`/`: all runs, newest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from inspection.drawing.charts import Sparkline, sparkline
from inspection.history import History
from inspection.metrics import OVERALL, Metric
from inspection.questions.difference import compare_runs
from inspection.questions.drift import measured_by
from inspection.questions.run_filter import ORDERS, RunFilter
from inspection.questions.runs import RunLine, list_runs, pipelines, run_before
from inspection.records import Run
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot
from inspection.when import duration, parse_moment

PER_PAGE = 50
MOST_SHOWN = 24
"""Characters of a value that changed."""
FATES = (
    *("live", "superseded", "rolled_back", "withdrawn", "refused", "failed", "killed"),
    *("running", "complete", "unfinished", "already_live"),
)
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
    chosen = {key: arguments.get(key, "") for key in ("pipeline", "fate", "since", "order")}
    order = chosen["order"] if chosen["order"] in ORDERS else ORDERS[0]
    wanted = RunFilter(
        chosen["pipeline"] or None,
        chosen["fate"] or None,
        parse_moment(chosen["since"], snapshot.now) if chosen["since"] else None,
        order,
    )
    answer = list_runs(
        history,
        snapshot.workspace,
        last=PER_PAGE,
        skip=PER_PAGE * (number - 1),
        wanted=wanted,
        standings=snapshot.standings,
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
            "chosen": {**chosen, "order": order},
            "others": urlencode({key: value for key, value in chosen.items() if value}),
            "fates": FATES,
            "orders": ORDERS,
            "changed": {line.id: _changed(history, history.runs[line.id]) for line in lines},
            "page": number,
            "pages": -(-answer.total // PER_PAGE) or 1,
        },
    )


def _changed(history: History, run: Run) -> str:
    """The first setting or input that was not what it was in the run before."""
    before = run_before(history, run)
    causes = compare_runs(history, before, run).causes if before else ()
    if not causes:
        return ""
    first = causes[0]
    more = f" and {len(causes) - 1} more" if len(causes) > 1 else ""
    values = [str(value)[:MOST_SHOWN] for value in (first.before or "–", first.now or "–")]
    return f"{first.part}: {' → '.join(values)}{more}"


def _measured(snapshot: Snapshot, run: Run) -> Mapping[str, Metric]:
    """The overall metrics of a run's own evaluations by name, those with thresholds first."""
    found = [
        metric
        for step in snapshot.history.steps_of(run.id)
        if step.state == "complete"
        for metric in measured_by(snapshot.history, snapshot.workspace, step)
        if metric.slice == OVERALL
    ]
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
