"""The report as one HTML file: no script, nothing fetched, printable."""

from __future__ import annotations

import math
from pathlib import Path

import jinja2

from components.serving_check import charts
from components.serving_check.report import Report

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
    environment.filters["number"] = _number
    latency = report.latency
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        report=report,
        width=charts.WIDTH,
        height=charts.HEIGHT,
        histogram=(
            charts.histogram(latency.milliseconds, [("p50", latency.p50), ("p99", latency.p99)])
            if latency
            else None
        ),
        scatter=(
            charts.scatter([(parity.signature, parity.ratios) for parity in report.parity])
            if report.parity
            else None
        ),
    )


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
