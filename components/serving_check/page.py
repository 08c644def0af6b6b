"""The report as one HTML file: no script, nothing fetched, printable."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import jinja2

from components.serving_check import charts
from components.serving_check.checks.latency import percentile
from components.serving_check.checks.rollout import TALLY_SECONDS
from components.serving_check.report import Report
from documents.terminal.counted import counted

_TEMPLATE = Path(__file__).with_name("report.html.j2")


def render(report: Report) -> str:
    """The page for `report`, verdict first."""
    # Texts come from a model server and a config, so all of them are escaped.
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "counted": counted}
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        report=report,
        width=charts.WIDTH,
        height=charts.HEIGHT,
        histogram=_latency(report),
        beside=_beside(report),
        scatter=(
            charts.scatter([(parity.signature, parity.ratios) for parity in report.parity])
            if report.parity
            else None
        ),
        diagonals=[charts.diagonal(parity.points) for parity in report.parity or ()],
        timelines=_timelines(report),
        megabytes=_megabytes(report),
    )


def _latency(report: Report) -> charts.Histogram | None:
    found = report.latency
    if found is None:
        return None
    return charts.histogram(found.milliseconds, [("p50", found.p50), ("p99", found.p99)])


def _beside(report: Report) -> charts.Histogram | None:
    """The candidate's latencies and the live version's, taken in turn."""
    if report.comparison is None:
        return None
    candidate = list(itertools.chain(*report.comparison.candidate))
    live = list(itertools.chain(*report.comparison.live))
    marks = [
        (f"{name} p{percent}", percentile(values, percent))
        for percent in (50, 99)
        for name, values in (("candidate", candidate), ("live", live))
    ]
    return charts.histogram(candidate, marks, live)


def _timelines(report: Report) -> list[tuple[str, charts.Timeline]]:
    if report.rollout is None:
        return []
    stages = (("Hot swap", report.rollout.swap), ("Rollback", report.rollout.rollback))
    return [
        (
            title,
            charts.timeline(
                [(each.former, each.latter, each.failed) for each in stage.tallies],
                TALLY_SECONDS,
                stage.acted,
                None if stage.seconds is None else stage.acted + stage.seconds,
            ),
        )
        for title, stage in stages
        if stage.tallies
    ]


def _megabytes(report: Report) -> list[tuple[str, float, float]]:
    """What was resident when, with its part of the largest, 0 to 1."""
    rows = []
    if report.memory:
        rows += [
            (f"before {counted(report.memory.requests, 'request')}", report.memory.before),
            ("after them", report.memory.after),
            ("peak with one version", report.memory.peak),
        ]
    if report.rollout:
        rows.append(("peak with both versions", report.rollout.megabytes))
    largest = max((value for _, value in rows), default=0) or 1
    return [(title, value, value / largest) for title, value in rows]


def _number(value: float) -> str:
    """Three significant digits, with the sign of multiplication that people read."""
    if not math.isfinite(value):
        return "not a number"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -3 <= exponent < 4:
        return f"{value:.3g}"
    return f"{value / 10**exponent:.2f} × 10^{exponent}"
