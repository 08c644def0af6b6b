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
