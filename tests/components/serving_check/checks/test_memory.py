"""The budget of memory."""

from components.serving_check.checks.memory import Memory, judge
from components.serving_check.options import Options


def test_the_budget_is_in_megabytes():
    assert judge(Memory(499.6, 400, 400, 10_000), Options(megabytes=500))[0].ok
    check, _ = judge(Memory(612.4, 400, 400, 10_000), Options(megabytes=500))
    assert (check.ok, check.expected, check.found) == (False, "peak ≤ 500 MB", "612 MB")


def test_growth_is_relative_to_what_was_resident_before():
    _, check = judge(Memory(500, 400, 419, 10_000), Options())
    assert check.ok
    _, check = judge(Memory(500, 400, 421, 10_000), Options())
    assert (check.ok, check.found) == (False, "+5.2 %, 400 → 421 MB")
