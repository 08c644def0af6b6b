"""What a search found as one HTML file: no script, nothing fetched, printable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from components.tuner import chart
from documents.terminal.counted import counted
from documents.tuning import Tuning

_TEMPLATE = Path(__file__).with_name("tuning.html.j2")


def render(found: Tuning) -> str:
    """The page, with what was found first and the best trial at the top of the table."""
    # Keys and reasons come from a user's code, so all of them are escaped.
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"setting": _setting, "counted": counted}
    sign = -1 if found.higher_is_better else 1
    worst = float("inf")
    trials = sorted(
        found.trials,
        key=lambda trial: (
            trial.state != "done",
            worst if trial.value is None else sign * trial.value,
            trial.number,
        ),
    )
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        found=found,
        trials=trials,
        chart=chart.parallel(found),
        width=chart.WIDTH,
        height=chart.HEIGHT,
        top=chart.TOP,
        bottom=chart.HEIGHT - chart.BOTTOM,
    )


def _setting(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
