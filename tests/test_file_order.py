from __future__ import annotations

import itertools
from pathlib import Path

from tests.file_order import spread

FAST = [Path(f"fast/test_{number:02}.py") for number in range(20)]
SLOW = [Path(f"slow/test_{number}.py") for number in range(4)]


def test_slow_ones_stand_among_the_others_and_none_at_the_end():
    order = spread([*FAST, *SLOW], {*SLOW})
    places = [order.index(file) for file in SLOW]
    assert places[0] == 0
    assert all(4 <= later - earlier <= 6 for earlier, later in itertools.pairwise(places))
    assert order[-4:] == FAST[-4:]


def test_each_comes_once_and_those_of_a_kind_in_their_order():
    order = spread([*SLOW, *FAST, *SLOW], {*SLOW})
    assert len(order) == len(FAST) + len(SLOW)
    assert [file for file in order if file in SLOW] == SLOW
    assert [file for file in order if file in FAST] == FAST


def test_one_kind_alone_stays_as_it_is():
    assert spread(FAST, set()) == FAST
    assert spread(SLOW, {*SLOW}) == SLOW
    assert spread([], set()) == []
