"""Names that stand twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.settings.twice import twice


@pytest.mark.parametrize(
    ("names", "found"),
    [("", None), ("abc", None), ("abb", "b"), ("abcba", "a"), ("cbabc", "c"), ("aaa", "a")],
)
def test_the_first_of_those_that_come_again_is_found(names, found):
    assert twice(names) == twice(list(names)) == found


@given(st.lists(st.text(max_size=2)))
def test_it_is_nothing_exactly_where_all_differ(names):
    assert (twice(names) is None) == (len({*names}) == len(names))
