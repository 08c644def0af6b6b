"""Which batches are asked about."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from components.serving_check.checks import sizes
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.sizes import (
    BETWEEN,
    CHOSEN,
    LARGE,
    OVER_REST,
    SMALL,
    Draw,
    alike,
    alone,
    company,
    judge,
    large,
)
from components.serving_check.options import Options

POOL: Any = SimpleNamespace(real=range(100), edges=range(100, 110), files=range(110, 115))


def test_all_small_sizes_none_and_more_than_any_batching_are_asked_for():
    assert list(SMALL) == list(range(65))
    assert max(LARGE) > 1_000
    asked = {*SMALL, *LARGE}
    assert {64, 65, 100, 128, 200, 256, 512, 1_024, 1_025} <= asked
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
    many: Any = SimpleNamespace(real=range(490), edges=range(490, 492), files=range(492, 492))
    assert alone(many) == [*range(0, 480, 10), 490, 491]
    few: Any = SimpleNamespace(real=range(3), edges=range(3, 4), files=range(4, 4))
    assert len(alone(few)) == 4


def test_sizes_between_are_other_ones_for_each_training():
    pools: list[Any] = [
        SimpleNamespace(probabilities=np.full((2, 2), seed / 9)) for seed in range(9)
    ]
    drawn = [
        [{*large(pool, number)} - {*LARGE, *CHOSEN[number]} for number in range(len(BETWEEN))]
        for pool in pools
    ]
    assert large(pools[0], 0) == large(pools[0], 0)
    assert len({str(each) for each in drawn}) > 6
    for between in drawn:
        for (low, high), [size] in zip(BETWEEN, between, strict=True):
            assert low <= size <= high


def test_sizes_between_fill_the_gaps_and_may_be_the_first_and_the_last(monkeypatch):
    assert all({low - 1, high + 1} <= {*SMALL, *LARGE} for low, high in BETWEEN)
    monkeypatch.setattr(sizes, "BETWEEN", ((300, 301),))
    pools: list[Any] = [SimpleNamespace(probabilities=np.full(2, seed)) for seed in range(20)]
    assert {size for pool in pools for size in large(pool, 0)} - {*LARGE, *CHOSEN[0]} == {300, 301}


def test_sizes_that_people_choose_are_asked_of_one_signature_each():
    pool: Any = SimpleNamespace(probabilities=np.zeros((2, 2)))
    asked = [{*large(pool, number)} for number in range(3)]
    for size in (96, 150, 192, 250, 257, 300, 500, 640, 1_000):
        assert any(size in each for each in asked)
    assert asked[0] == {*large(pool, 3)}
    # To ask each signature about all of them would be half as much again.
    sums = [sum(each - {*SMALL}) for each in asked]
    assert max(sums) - min(sums) < 600


def test_company_is_all_of_this():
    pool: Any = SimpleNamespace(real=range(9), edges=range(9, 12))
    edges, real = [9, 10, 11], [0, 1, 2, 3, 4, 5, 6]
    wanted: list[list[int]] = []
    for one, others in ((0, edges), (4, real), (8, [11, 10, 9])):
        half = len(others) // 2
        wanted += [[one, *others], [*others, one], [*others[:half], one, one, *others[half:]]]
        wanted += [[one] * times for times in (2, 3, 16, 33)]
    wanted += [edges, edges[::-1]]
    assert [*company(pool)] == [*wanted, [9] * 4, [10] * 4, [11] * 4]
    assert [*company(pool, slice(1, None, 2))] == [*wanted, [10] * 4]
    plain: Any = SimpleNamespace(real=range(9), edges=range(9, 9))
    assert [0, 8] in [*company(plain)]


def test_the_row_says_at_what_sizes():
    [check] = judge([Asked("s", "gRPC", "batches of 0 to 64", 65, 2_080)], Options())
    assert (check.name, check.ok) == ("sizes", True)
    assert check.expected == (
        "the same answers alone, in batches of 0 to 1,025, at any place, in any company"
    )


def test_rows_that_are_alike_in_a_column_are_asked_about_together():
    inputs = np.array(
        [(float(9 - row), [b"Red", b"Blue"][row % 2]) for row in range(10)],
        [("fare", np.float32), ("company", object)],
    )
    pool: Any = SimpleNamespace(real=range(9), inputs=inputs)
    by_fare, *_, by_company = alike(pool)
    assert by_fare == [8, 7, 6, 5]
    assert by_company == [2, 4, 6, 8]
    of_images: Any = SimpleNamespace(real=range(9), inputs=np.zeros(9))
    assert [*alike(of_images)] == []
