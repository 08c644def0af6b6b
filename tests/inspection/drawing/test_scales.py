"""Metrics on one scale."""

from __future__ import annotations

import pytest

from inspection.drawing.scales import WIDTH, scales
from inspection.evidence.metrics import Metric


@pytest.mark.parametrize(("higher", "least"), [(True, 0.88), (False, 0.92)])
def test_a_metric_stands_between_its_limits(higher, least):
    metric = Metric("m", "overall", 0.95, 0.9, 0.8, None, 0.02, higher)
    [found], low, high = scales([metric])
    assert (low, high) == (0.5, 1.0)
    assert found.value == pytest.approx((0.95 - 0.5) * 2 * WIDTH, abs=0.1)
    assert found.lower == pytest.approx((0.8 - 0.5) * 2 * WIDTH, abs=0.1)
    assert found.least == pytest.approx((least - 0.5) * 2 * WIDTH, abs=0.1)
    assert found.upper is None
