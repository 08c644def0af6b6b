"""A metric over all evaluations."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

from inspection.commands.sources import Sources
from inspection.questions.models.drift import drift
from inspection.reply import Reply, number, table


def drifting(sources: Sources, options: argparse.Namespace) -> Reply:
    answer = drift(sources.history, sources.workspace, options.metric, options.slice)
    rows = [
        (series.slice, _spark([p.value for p in series.points]), number(series.points[-1].value))
        for series in answer.series
    ]
    return Reply(answer.headline, answer, table(("slice", "over runs", "last"), rows))


def _spark(values: Sequence[float]) -> str:
    """A bar for each value; a dot for what is no finite number."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    scale = (high - low) or 1
    return "".join(
        "▁▂▃▄▅▆▇█"[round((value - low) / scale * 7)] if math.isfinite(value) else "·"
        for value in values[-40:]
    )
