"""What a verdict's rows demand, in words."""

from __future__ import annotations

import pytest

from documents.evaluator_verdict import MetricRow
from inspection.evidence.metrics import from_rows


@pytest.mark.parametrize(
    ("row", "limit", "ok"),
    [
        (
            {"lower_bound": 0.9, "max_drop": 0.01, "baseline_value": 0.95},
            "≥ 0.9, at most 0.01",
            True,
        ),
        ({"constant_value": 0.7, "must_beat_constant": True}, "> 0.7000, always the same", True),
        (
            {"constant_value": 0.7, "must_beat_constant": True, "higher_is_better": False},
            "< 0.7000, always the same answer",
            True,
        ),
        ({"constant_value": 0.7}, "", True),
        ({"lower_bound": 0.9, "gated": False, "examples": 12}, "nothing of only 12", None),
    ],
)
def test_what_was_demanded_is_told(row: dict, limit: str, ok: bool | None) -> None:
    written = MetricRow(metric="AUC", slice="overall", value=0.92, ok=True, **row)
    [metric] = from_rows([written])
    assert metric.limit.startswith(limit) if limit else not metric.limit
    assert metric.ok is ok
    assert metric.constant_value == row.get("constant_value")
