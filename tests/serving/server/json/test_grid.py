from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.server.json import body as json_body
from serving.server.json import grid as json_grid
from serving.server.json import request as json_request
from serving.server.signature import DataType, TensorInfo
from serving.server.status import StatusError
from tests.examples import examples

SEPARATORS = st.sampled_from(((",", ":"), (", ", ": "), (" ,", ":")))
SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=4)


@st.composite
def lists(draw: st.DrawFn, largest: int = 999) -> Any:
    """Nested lists of whole numbers, all of one size."""
    shape = draw(SIZES)
    count = math.prod(shape)
    numbers = st.lists(st.integers(0, largest), min_size=count, max_size=count)
    return np.array(draw(numbers), np.int64).reshape(shape).tolist()


@st.composite
def damaged(draw: st.DrawFn, text: str) -> bytes:
    """A text of which a few characters are others, gone or come twice."""
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        written = draw(st.sampled_from([*'[]{}, 0127.-e":', "", "00", "], [", "true"]))
        text = text[:place] + written + text[place + draw(st.integers(0, 2)) :]
    return text.encode()


@given(lists(), SEPARATORS)
def test_what_clients_write_is_read(value: Any, separators: tuple[str, str]):
    text = json.dumps(value, separators=separators).encode()
    grid = json_grid.read(b"x" + text + b"]", 1, 1 + len(text))
    if b"," in text and separators != (" ,", ":"):  # Else the parser is as quick, or nobody does.
        assert grid is not None
    if grid is not None:
        assert grid.tolist() == value
        assert grid.dtype == np.uint16


@pytest.mark.medium
@given(st.data())
@settings(max_examples=examples(10))
def test_what_is_read_is_what_a_parser_reads(data: st.DataObject):
    value = data.draw(lists(1200))
    separators = data.draw(SEPARATORS)
    text = data.draw(damaged(json.dumps(value, separators=separators)))
    grid = json_grid.read(bytearray(text), 0, len(text))
    if grid is not None:
        assert grid.tolist() == orjson.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        b"[1,2", b"[1,2]3", b"[1,,2]", b"[,1]", b"[1,2,]", b"[]", b"[[],1,[2]]", b"[[1],2[]]",
        b"[1,2 3, ]", b"[1, 2,3]", b"[01,2]", b"[00,2]", b"[1000,2]", b"[-1,2]", b"[1.5,2]",
        b"[1e1,2]", b"[[1,2],[3]]", b"[[1,2],3]", b"[[1,2],[3,[4]]]", b"[1,true]", b'["1","2"]',
        b"[1,2][3,4]", b"[[1,2][3,4]]", b"[[1,2],[3,4]", b"[" * 9 + b"1,2" + b"]" * 9,
    ],
)  # fmt: skip
def test_anything_else_is_left_to_the_parser(text: bytes):
    assert json_grid.read(text, 0, len(text)) is None


def outcome(body: bytes, inputs: Mapping[str, TensorInfo], grids: bool) -> Any:
    """What the server makes of a body: arrays or an error."""
    try:
        document = json_body.parse_object(body, grids=grids)
        name = json_body.signature_name(document)
        form, arrays = json_request.read_inputs(document, inputs)
    except StatusError as error:
        return error.described
    return name, form, {key: (x.dtype, x.shape, x.tolist()) for key, x in arrays.items()}


@pytest.mark.medium
@given(st.data())
@settings(max_examples=examples(6))
def test_a_request_means_the_same_with_and_without_grids(data: st.DataObject):
    written = json.dumps(data.draw(lists()), separators=data.draw(SEPARATORS))
    form = data.draw(
        st.sampled_from(
            (
                '{"instances": %s}',
                '{"inputs": %s, "signature_name": "a]"}',
                '{"signature_name": "[", "instances":%s}',
                '{"inputs": {"x": %s}}',
                '{"inputs": {"x": %s, "y": true}}',
                '{"inputs": {"y": %s}}',
                '{"instances": [{"x": %s}]}',
                '{"instances": %s, "inputs": 1}',
                '{"signature_name": %s, "instances": 1}',
                '{"unused": %s, "instances": [1]}',
                '{"instances": "%s"}',
                '{"instances": %s, "instances": 1} rest',
            )
        )
    )
    body = data.draw(damaged(form % written))
    types = st.sampled_from((DataType.UINT8, DataType.INT8, DataType.INT64, DataType.FLOAT,
                             DataType.BOOL, DataType.STRING, DataType.HALF))  # fmt: skip
    names = data.draw(st.sampled_from((["x"], ["x", "y"])))
    inputs = {name: TensorInfo(name, data.draw(types)) for name in names}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_body, "_LEAST_GRID", 0)
        assert repr(outcome(body, inputs, grids=True)) == repr(outcome(body, inputs, grids=False))
