"""`/metrics`: a metric over all evaluations, slice by slice."""

from __future__ import annotations

from collections.abc import Mapping

from inspection.drawing.over_runs import Measured, over_runs
from inspection.drawing.sparkline import sparkline
from inspection.questions.fate.fate import fate_of_run
from inspection.questions.models.drift import Series, UnknownMetricError, all_series, choose
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot

MOST_RUNS = 100
"""On the chart; the small ones have all."""


def page(snapshot: Snapshot, arguments: Mapping[str, str]) -> Page:
    found = all_series(snapshot.history, snapshot.workspace)
    names = sorted({series.metric for series in found})
    chosen = arguments.get("metric") or next(iter(names), "")
    try:
        answer = choose(found, chosen)
    except UnknownMetricError as error:
        return Page(
            "metrics.html.j2",
            "Metrics",
            {"names": names, "chosen": chosen, "answer": None, "error": str(error), "rows": []},
        )
    rows = [
        (
            series,
            sparkline(
                [point.value for point in series.points],
                series.points[-1].lower_bound
                if series.higher_is_better
                else series.points[-1].upper_bound,
            ),
        )
        for series in answer.series
    ]
    wanted = arguments.get("slice")
    shown = next((each for each in answer.series if each.slice == wanted), answer.series[0])
    without = arguments.get("without") == "refused"
    return Page(
        "metrics.html.j2",
        f"{answer.metric} over runs",
        {
            "names": names,
            "chosen": answer.metric,
            "answer": answer,
            "error": None,
            "rows": rows,
            "shown": shown,
            "without": without,
            "drawn": over_runs(_measured(snapshot, shown, without)),
            "most": MOST_RUNS,
        },
    )


def _measured(snapshot: Snapshot, series: Series, without_refused: bool) -> list[Measured]:
    """The last runs from the first to the last that measured it, with those that did not."""
    history = snapshot.history
    points = {point.run: point for point in series.points if point.run is not None}
    pipelines = {name for run in points for name in history.runs[run].pipelines}
    runs = [run for run in history.runs.values() if pipelines.intersection(run.pipelines)]
    while runs and runs[-1].id not in points:
        runs.pop()
    runs = runs[-MOST_RUNS:]
    while runs and runs[0].id not in points:
        runs.pop(0)
    found = []
    for run in runs:
        fate = fate_of_run(history, run, snapshot.workspace, snapshot.standings, evidence=False)
        refused = fate.word == "refused"
        if refused and without_refused:
            continue
        point = points.get(run.id)
        found.append(
            Measured(run, point.value, point.lower_bound, point.upper_bound, refused)
            if point
            else Measured(run, None)
        )
    return found
