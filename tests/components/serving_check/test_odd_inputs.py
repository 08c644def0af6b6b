"""What is sent of which nobody knows the answer, or which has to be refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from components.serving_check.odd_inputs import OddInput, deeper, in_company, odd_inputs
from components.serving_check.options import Options, Signature, Tensor
from components.serving_check.reference import Reference
from documents.questions import Questions


def signature(feed, dtype, *shape):
    inputs = {"x": Tensor(dtype=dtype, shape=(-1, *shape))}
    return Signature(
        feed=feed, inputs=inputs, outputs={"y": Tensor(dtype="DT_FLOAT", shape=(-1, 2))}
    )


PIXELS = signature("pixels", "DT_UINT8", 3, 2)
FILES = signature("png", "DT_STRING")
REFERENCE = Reference(
    [b""],
    np.zeros((1, 2), np.float32),
    Questions(labels=("no", "yes"), examples=(), fixed_size=True),
)


def test_pixels_of_another_size_are_sent_each_way():
    found = [each.values.shape for each in odd_inputs(PIXELS, REFERENCE, Options())]
    assert sorted(found) == sorted(
        [(8, 2, 2), (8, 4, 2), (8, 3, 1), (8, 3, 3), (1, 1, 3, 2), (1, 6), (3, 2)]
    )
    assert all(each.refused for each in odd_inputs(PIXELS, REFERENCE, Options()))


def test_what_a_model_of_any_size_answers_has_a_row_for_each():
    open_size = dataclasses.replace(REFERENCE, questions=None)
    found = list(odd_inputs(PIXELS, open_size, Options()))
    assert (3, 2) not in {each.values.shape for each in found}
    assert not any(each.refused for each in found)


def strings(*values):
    return np.array([*values, None], object)[:-1]


def test_what_has_to_be_refused_is_sent_behind_what_is_good_and_in_front_of_it():
    odd = [
        OddInput("one", strings(b"1"), refused=True),
        OddInput("what may be answered", strings(b"2")),
        OddInput("of another shape", np.array([[b"3"]], object), refused=True),
        OddInput("of another type", np.zeros(1, np.float32), refused=True),
        OddInput("two", strings(b"4"), refused=True),
        OddInput("three", strings(b"5"), refused=True),
    ]
    good = strings(b"good")
    found = list(in_company(odd, good))
    assert [each.values.tolist() for each in found] == [
        [b"good", b"1"],
        [b"4", b"good"],
        [b"good", b"5"],
    ]
    assert all(each.refused for each in found)
    assert [each.name for each in found] == [
        f"{name} beside a good one" for name in ("one", "two", "three")
    ]


@pytest.mark.parametrize(("asked", "count"), [(FILES, 1), (PIXELS, 0)])
def test_strings_are_sent_with_a_dimension_too_many(asked, count):
    found = list(deeper(asked, REFERENCE, strings(b"good")))
    assert [(each.values.tolist(), each.refused) for each in found] == [([[b"good"]], True)] * count
