"""Percentiles and budgets of latency."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.serving_check.checks.latency import Latency, judge, percentile
from components.serving_check.options import Options


def test_each_budget_has_a_row():
    latency = Latency("s", (1.0,) * 98 + (30.0, 40.0))
    p50, p99 = judge(latency, Options(p50_ms=2, p99_ms=20))
    assert (p50.name, p50.ok, p50.found) == ("latency p50", True, "1.00 ms over 100 requests")
    assert (p99.name, p99.ok, p99.expected) == ("latency p99", False, "≤ 20 ms")
    assert p99.found == "30.00 ms over 100 requests"


@given(
    values=st.lists(st.floats(0.01, 1e4), min_size=1, max_size=300),
    percent=st.integers(1, 100),
)
def test_a_percentile_is_numpys_nearest_rank(values, percent):
    expected = np.percentile(values, percent, method="inverted_cdf")
    assert percentile(values, percent) == expected
