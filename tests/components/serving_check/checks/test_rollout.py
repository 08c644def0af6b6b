from __future__ import annotations

import dataclasses

import pytest

from components.serving_check.checks.rollout import Rollout, Stage, judge, went_back
from components.serving_check.options import Options

GOOD = Stage(requests=100, failures=(), failed=0, wrong=0, seconds=1.0)
ROLLOUT = Rollout(GOOD, GOOD, GOOD, ("an empty folder",), 400.0, "embedded")


def failing(**changes) -> list[str]:
    found = dataclasses.replace(ROLLOUT, **changes)
    return [check.name for check in judge(found, Options()) if not check.ok]


def bad(**changes) -> Stage:
    return dataclasses.replace(GOOD, **changes)


def test_a_flawless_rollout_passes():
    assert failing() == []


@pytest.mark.parametrize(
    "stage",
    [
        bad(failed=1, failures=("status 503",)),
        bad(wrong=1),
        bad(seconds=None),
        bad(seconds=5.1),
        bad(went_back=1),
        bad(requests=0),
    ],
)
def test_a_failed_wrong_or_late_answer_fails_swap_and_rollback(stage):
    assert failing(swap=stage) == ["hot swap"]
    assert failing(rollback=stage) == ["rollback"]


def test_half_copies_may_never_answer_wrongly():
    assert failing(partial=bad(wrong=1)) == ["partial copies"]
    assert failing(partial=bad(failed=1)) == ["partial copies"]
    # The C++ server makes some half copies AVAILABLE, which then fail every predict.
    assert failing(partial=bad(failed=1), backend="docker") == []


def test_memory_with_both_versions_has_a_budget():
    assert failing(megabytes=2_001) == ["memory, both versions"]


def test_each_client_may_switch_once():
    assert went_back([[False, True, True], [True], [], [False, False]]) == 0
    assert went_back([[False, True, False], [True, False, True]]) == 2


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (GOOD, "100 requests, 0 failed, live after 1.0 s"),
        (bad(seconds=None, requests=1), "1 request, 0 failed, never live"),
        (
            bad(failed=3, failures=("status 503: busy", "timed out")),
            "100 requests, 3 failed (status 503: busy), live after 1.0 s",
        ),
        (
            bad(wrong=2, mistakes=("label 0 instead of 1", "other")),
            "100 requests, 0 failed, 2 answered wrongly (label 0 instead of 1), live after 1.0 s",
        ),
        (bad(wrong=1), "100 requests, 0 failed, 1 answered wrongly, live after 1.0 s"),
        (bad(went_back=1), "100 requests, 0 failed, 1 client was sent back, live after 1.0 s"),
        (bad(went_back=2), "100 requests, 0 failed, 2 clients were sent back, live after 1.0 s"),
        (
            bad(seconds=7.0, waited=1.5, again=2),
            "100 requests, 0 failed, live after 7.0 s, 1.5 s of them without a processor,"
            " done again 2 times",
        ),
        (bad(seconds=3.0, waited=1.0), "100 requests, 0 failed, live after 3.0 s"),
    ],
)
def test_a_row_tells_what_clients_saw(stage, said):
    swap, back, _, _ = judge(dataclasses.replace(ROLLOUT, swap=stage, rollback=stage), Options())
    assert swap.found == back.found == said


def test_half_copies_are_told_without_a_time_to_live():
    _, _, partial, _ = judge(dataclasses.replace(ROLLOUT, partial=bad(wrong=1)), Options())
    assert partial.expected == "no wrong answer beside 1 half-copied versions"
    assert partial.found == "100 requests, 0 failed, 1 answered wrongly"


def test_rows_say_their_limits_and_a_limit_itself_is_within():
    options = Options(switch_seconds=5, megabytes_both=400)
    late = bad(seconds=7.0, waited=2.0, requests=1)
    checks = judge(dataclasses.replace(ROLLOUT, swap=late, rollback=late), options)
    assert all(check.ok for check in checks)
    assert [check.expected for check in checks] == [
        "no failed request, one switch, new version live within 5 s",
        "no failed request, former version back within 5 s",
        "no wrong answer beside 1 half-copied versions",
        "peak ≤ 400 MB",
    ]
    assert checks[-1].found == "400 MB"
