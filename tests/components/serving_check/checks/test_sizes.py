"""Which batches are asked about."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from components.serving_check.checks.sizes import (
    BETWEEN,
    LARGE,
    OVER_REST,
    SMALL,
    Draw,
    alone,
    company,
    large,
)

POOL: Any = SimpleNamespace(real=range(100), edges=range(100, 110), files=range(110, 115))


def test_all_small_sizes_none_and_more_than_any_batching_are_asked_for():
    assert list(SMALL) == list(range(65))
    assert max(LARGE) > 1_000
    asked = {*SMALL, *LARGE}
    assert {64, 65, 128, 129, 256, 257, 512, 1_024, 1_025, 100, 1_000} <= asked
    assert {1, 2, 3, 31, 32, 33} <= set(OVER_REST)


@pytest.mark.parametrize("size", [0, 1, 109, 110, 500])
def test_a_draw_has_its_size_and_takes_everything_in_turn(size):
    draw = Draw(POOL)
    drawn = draw(size)
    assert len(drawn) == size
    assert max([drawn.count(place) for place in drawn], default=0) <= -(-size // 110)
    assert set(drawn) <= set(range(110))
    assert draw(50) != draw(50)


def test_one_example_is_first_middle_and_last_and_beside_its_double():
    batches = list(company(POOL))
    for one in (0, 99):
        assert any(batch[0] == one and len(batch) > 3 for batch in batches)
        assert any(batch[-1] == one and len(batch) > 3 for batch in batches)
        assert any(one in batch[1:-1] and len(set(batch)) > 3 for batch in batches)
        assert [one, one] in batches
    assert list(POOL.edges) in batches


def test_edges_are_all_asked_about_alone():
    assert set(POOL.edges) <= set(alone(POOL))
    few: Any = SimpleNamespace(real=range(3), edges=range(3, 4), files=range(4, 4))
    assert len(alone(few)) == 4


def test_sizes_between_are_other_ones_for_each_training():
    pools: list[Any] = [
        SimpleNamespace(probabilities=np.full((2, 2), seed / 9)) for seed in range(9)
    ]
    drawn = [
        [{*large(pool, number)} - {*LARGE} for number in range(len(BETWEEN))] for pool in pools
    ]
    assert large(pools[0], 0) == large(pools[0], 0)
    assert len({str(each) for each in drawn}) > 6
    for sizes in drawn:
        for (low, high), [size] in zip(BETWEEN, sizes, strict=True):
            assert low <= size <= high
