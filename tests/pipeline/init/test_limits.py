"""What a drafted threshold lets a candidate lose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.init.limits import max_drop


@pytest.mark.parametrize(
    ("examples", "limit"),
    [(1_000_000, 0.01), (9_000, 0.01), (8_900, 0.011), (860, 0.033), (100, 0.095), (50, 0.1)],
)
def test_few_examples_may_lose_more(examples: int, limit: float) -> None:
    assert max_drop(examples) == limit


@given(st.integers(0, 10**9))
def test_is_a_share_and_no_less_than_one_answer(examples: int) -> None:
    limit = max_drop(examples)
    assert 0.01 <= limit <= 0.1
    # One answer of those that are evaluated, unless they are a handful.
    assert limit >= min(0.1, 10 / max(1, examples))
