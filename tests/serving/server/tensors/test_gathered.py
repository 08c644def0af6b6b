"""Arrays that are made of parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.status import StatusError
from serving.server.tensors import texts
from serving.server.tensors.gathered import Gathered
from serving.server.tensors.texts import unpacked


@given(st.lists(st.integers(0, 5), min_size=1), st.integers(0, 40))
def test_parts_of_numbers_are_one_array_whatever_was_expected(lengths: list[int], most: int):
    parts = [np.full((length, 2), index, np.int32) for index, length in enumerate(lengths)]
    gathered = Gathered(most)
    for part in parts:
        gathered.add(part)
    np.testing.assert_array_equal(unpacked(gathered.array()), np.concatenate(parts))


@given(st.lists(st.lists(st.binary(max_size=3), max_size=4), min_size=1))
def test_parts_of_strings_are_one_too(lists: list[list[bytes]]):
    gathered = Gathered(0)
    for index, strings in enumerate(lists):
        packed = texts.of_strings(strings)
        gathered.add(packed if index % 2 else packed.objects())
    assert gathered.array().tolist() == [string for strings in lists for string in strings]


def test_the_only_part_is_not_copied():
    only = np.arange(6).reshape(1, 6)
    gathered = Gathered(6)
    gathered.add(only)
    assert np.shares_memory(gathered.array(), only)


def test_a_part_of_another_shape_says_at_which_level():
    gathered = Gathered(0)
    gathered.add(np.zeros((1, 2, 3)))
    with pytest.raises(StatusError, match="size: 4 at level: 2 expected size: 3"):
        gathered.add(np.zeros((1, 2, 4)))
