"""The budget of memory."""

from components.serving_check.checks.memory import judge
from components.serving_check.options import Options


def test_the_budget_is_in_megabytes():
    assert judge(499.6, Options(megabytes=500))[0].ok
    [check] = judge(612.4, Options(megabytes=500))
    assert (check.ok, check.expected, check.found) == (False, "peak ≤ 500 MB", "612 MB")
