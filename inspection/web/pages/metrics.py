"""`/metrics`: a metric over all evaluations, slice by slice."""

from __future__ import annotations

from collections.abc import Mapping

from inspection.drawing.charts import sparkline
from inspection.questions.drift import UnknownMetricError, all_series, choose
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


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
    return Page(
        "metrics.html.j2",
        f"{answer.metric} over runs",
        {"names": names, "chosen": answer.metric, "answer": answer, "error": None, "rows": rows},
    )
