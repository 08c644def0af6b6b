from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from serving.clients.batches import batches, json_size


@given(st.lists(st.integers(0, 30)), st.integers(1, 5), st.integers(0, 40))
def test_all_go_in_order_and_none_beyond_the_limits(sizes, largest_batch, largest_body):
    made = list(batches(sizes, int, largest_batch, largest_body))
    assert [size for batch in made for size in batch] == sizes
    for batch in made:
        assert 1 <= len(batch) <= largest_batch
        assert len(batch) == 1 or sum(batch) <= largest_body


@given(st.lists(st.integers(0, 30), min_size=2), st.integers(1, 5), st.integers(0, 40))
def test_no_request_is_sent_that_need_not_be(sizes, largest_batch, largest_body):
    made = list(batches(sizes, int, largest_batch, largest_body))
    for batch, following in itertools.pairwise(made):
        assert len(batch) == largest_batch or sum(batch) + following[0] > largest_body


def test_items_are_taken_only_as_they_are_needed():
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(9):
            taken.append(item)
            yield item

    made = batches(items(), lambda item: 1, 2)
    assert (next(made), taken) == ([0, 1], [0, 1, 2])


@given(st.binary(max_size=50))
def test_the_size_of_a_file_is_no_less_than_it_takes(content):
    sent = json.dumps({"b64": base64.b64encode(content).decode()})
    assert len(sent + ", ") <= json_size(content)


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_the_size_of_an_image_is_no_less_than_it_takes(image):
    assert len(json.dumps(image.tolist()) + ", ") <= json_size(image)


@given(st.dictionaries(st.text(), st.one_of(st.binary(max_size=50), st.floats(), st.text())))
def test_the_size_of_a_row_is_no_less_than_it_takes(row):
    def written(value):
        return {"b64": base64.b64encode(value).decode()}

    assert len(json.dumps(row, default=written)) <= json_size(row)
