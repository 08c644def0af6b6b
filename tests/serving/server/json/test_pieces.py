from __future__ import annotations

import contextlib
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorflow.core.example import example_pb2

from serving.server.json import body as json_body
from serving.server.json import pieces as json_pieces
from serving.server.json.examples import read_examples
from serving.server.json.pieces import Pieces
from serving.server.json.request import read_inputs
from serving.server.signature import DataType, TensorInfo
from serving.server.status import StatusError

ONE = {"x": TensorInfo("x:0", DataType.FLOAT)}
TEXT = {"s": TensorInfo("s:0", DataType.STRING)}
TWO = {"a": TensorInfo("a:0", DataType.INT32), "b": TensorInfo("b:0", DataType.INT64)}
LARGE = 1 << 12
COUNT = 2_000
MANY = b"1," * 4_000


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a body of some kilobytes is a large one, of many pieces."""
    monkeypatch.setattr(json_pieces, "LARGE_BYTES", LARGE)
    monkeypatch.setattr(json_pieces, "_LARGE_LIST_BYTES", LARGE)
    monkeypatch.setattr(json_pieces, "_WINDOW", LARGE // 4)


def answer(body: bytes, inputs: Any, monkeypatch: pytest.MonkeyPatch, large: int) -> Any:
    monkeypatch.setattr(json_pieces, "LARGE_BYTES", large)
    try:
        form, arrays = read_inputs(json_body.parse_object(body), inputs)
    except StatusError as error:
        return error.described
    return form, {name: array.tolist() for name, array in arrays.items()}


def rows(element: str, last: str, key: str = "instances", tail: str = "") -> bytes:
    return f'{{"{key}": [{f"{element}," * COUNT}{last}] {tail} }}'.encode()


@pytest.mark.medium
@pytest.mark.parametrize(
    ("body", "inputs"),
    [
        (rows("[1, 2.5]", "[3, 4]"), ONE),
        (rows("[1, 2.5]", "[3]"), ONE),
        (rows("[1, 2.5]", '["a", 3]'), ONE),
        (rows("[1, 2.5]", '{"x": 3}'), ONE),
        (rows("[NaN]", "[Infinity]"), ONE),
        (rows('{"x": 1}', '{"x": 2}'), ONE),
        (rows('{"x": 1}', "2"), ONE),
        (rows('{"x": 1}', '{"y": 2}'), ONE),
        (rows('{"x": 1}', '{"x": [2]}'), ONE),
        (rows('{"x": 1}', '{"x": 1, "x": 2}'), ONE),
        (rows('{"a": 1, "b": 2}', '{"b": 3, "a": 4}'), TWO),
        (rows('{"a": 1, "b": 2}', '{"b": 3}'), TWO),
        (rows("[1, true]", "[1, 2]"), ONE),
        (rows("[1]", "2", "inputs"), ONE),
        (rows("[1]", "[2]", "inputs"), ONE),
        (rows("[1]", "[2, 3]", "inputs"), ONE),
        (rows("1", '"a"', "inputs"), TWO),
        (b'{"inputs": {"a": [' + MANY + b'2], "b": [' + b"3 , " * 2_000 + b"4]}}", TWO),
        (b'{"inputs": {"a": [' + MANY + b'2.5], "b": [4]}}', TWO),
        (rows('"a,]\\"}\\\\"', '"b"'), TEXT),
        (rows('"a"', '{"b64": "YQ=="}'), TEXT),
        (rows('"a"', '{"b64": "!"}'), TEXT),
        (rows("[1]", "[2]", tail=', "signature_name": "s", "instances": [[3]]'), ONE),
        (rows("[1]", "[2]", tail=', "inputs": 3'), ONE),
        (rows("[1]", "[2]", "other", tail=', "instances": [[3]]'), ONE),
        (b'\xef\xbb\xbf {"nested": {"instances": [' + MANY + b'1]}, "instances": [1]}', ONE),
    ],
)  # fmt: skip
def test_a_body_says_the_same_in_pieces(body: bytes, inputs: Any, monkeypatch: pytest.MonkeyPatch):
    whole = answer(body, inputs, monkeypatch, 1 << 40)
    assert repr(answer(body, inputs, monkeypatch, LARGE)) == repr(whole)
    assert repr(answer(body + b" ]}junk", inputs, monkeypatch, LARGE)) == repr(whole)


@pytest.mark.medium
@pytest.mark.parametrize(
    "text",
    ["[1],,[1]", "[1],", ",[1]", "[1] [1]", "[1}", "[1],]", '[1],"', "{", "[1]}", "[1],x", ","],
)
@pytest.mark.parametrize("before", [True, False])
def test_what_is_no_json_is_none_in_pieces_either(text: str, before: bool):
    many = "[1]," * COUNT
    inside = f"{text},{many}[1]" if before else f"{many}[1],{text}"
    with pytest.raises(StatusError, match=r"JSON|Expecting"):
        read_inputs(json_body.parse_object(f'{{"instances": [{inside}]}}'.encode()), ONE)


def test_an_error_says_where_in_the_body_it_is():
    body = rows("[1]", "[1], x")
    with pytest.raises(StatusError) as caught:
        read_inputs(json_body.parse_object(body), ONE)
    assert caught.value.message == f"JSON Parse error: Invalid value. at offset: {body.index(b'x')}"


def test_examples_are_read_in_pieces():
    body = rows('{"x": 1}', '{"x": 2}', "examples", ', "context": {"c": 3}')
    document = json_body.parse_object(body)
    assert isinstance(document["examples"], Pieces)
    found = read_examples(document)
    assert len(found) == COUNT + 1
    assert len(set(found[:-1])) == 1


@pytest.mark.parametrize(
    ("body", "inputs"),
    [
        (b'{"instances": [[' + MANY + b"2]]}", ONE),
        (b'{"instances": [[' + MANY + b"2.5], [" + MANY + b"3]]}", ONE),
        (b'{"instances": [[[' + b"[1, 2]," * COUNT + b"[3, 4]]]]}", ONE),
        (b'{"instances": [{"x": [' + MANY + b'2]}, {"x": [' + MANY + b"3]}]}", ONE),
        (b'{"instances": [{"a": [' + MANY + b'2], "b": [3]}]}', TWO),
        (b'{"inputs": [[' + MANY + b"2]]}", ONE),
        (b'{"inputs": {"x": [[' + MANY + b"2]]}}", ONE),
        (b'{"instances": [["",' + b'"ab",' * COUNT + b'"c,]"]]}', TEXT),
        (b'{"instances": [[' + b'"a",' * COUNT + b'{"b64": "YQ=="}]]}', TEXT),
        (b'{"instances": [[' + MANY + b'"a"]]}', ONE),
        (b'{"instances": [[' + MANY + b"2.5]]}", {"x": TensorInfo("x:0", DataType.INT32)}),
        (b'{"instances": [[' + MANY + b"2], [" + MANY + b"3, 4]]}", ONE),
        (b'{"instances": [{"x": [' + MANY + b'2]}, {"x": [' + MANY + b'3, 4]}]}', ONE),
        (b'{"more": [' + MANY + b'1], "instances": [1]}', ONE),
        (b'{"more": [' + MANY + b'x], "instances": [1]}', ONE),
    ],
)  # fmt: skip
def test_large_elements_say_the_same_in_pieces(
    body: bytes, inputs: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(json_body, "_EASY_TIMES", 0)
    whole = answer(body, inputs, monkeypatch, 1 << 40)
    assert repr(answer(body, inputs, monkeypatch, LARGE)) == repr(whole)


@pytest.mark.medium
@pytest.mark.parametrize(
    "values", ["1,", "0.25,", '"ab",', "1.5,2.5,", '{"b64":"YQ=="},', "true,2,"]
)
def test_a_feature_of_many_values_is_the_same_in_pieces(
    values: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(json_body, "_EASY_TIMES", 0)
    more = f"[{values * COUNT}{values.rstrip(',')}]"
    body = f'{{"context": {{"c": {more}}}, "examples": [{{"x": {more}}}, {{"x": {more}}}]}}'
    found = list(read_examples(json_body.parse_object(body.encode())))
    monkeypatch.setattr(json_pieces, "LARGE_BYTES", 1 << 40)
    whole = read_examples(json_body.parse_object(body.encode()))
    parse = example_pb2.Example.FromString
    assert [parse(bytes(x)) for x in np.ravel(found)] == list(map(parse, whole))


def test_a_context_in_too_many_examples_is_refused():
    context = "c" * 20_000
    body = f'{{"context": {{"c": "{context}"}}, "examples": [{"{}," * 3_000}{{}}]}}'
    with pytest.raises(StatusError, match="each has the whole context"):
        read_examples(json_body.parse_object(body.encode()))


@pytest.mark.medium
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text() | st.lists(st.text(max_size=2) | st.booleans()), min_size=1), st.booleans()
)
def test_pieces_together_are_the_list(values: list[Any], escaped: bool):
    many = values * (1 + LARGE // len(json.dumps(values)))
    text = json.dumps({"signature_name": '"[', "instances": many}, ensure_ascii=escaped)
    body = text.encode()
    document = json_body.parse_object(body)
    found = document["instances"]
    assert document["signature_name"] == '"['
    together = [value for piece in found for value in piece] if isinstance(found, Pieces) else found
    assert together == json.loads(body)["instances"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("element", "last"),
    [
        ("[1]", "[2]"),
        pytest.param("[1]", "[1,2]", marks=pytest.mark.extended),
        ('{"x":1}', "3"),
    ],
)
def test_lists_of_little_take_no_more_than_ten_times_their_text(
    element: str, last: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.undo()
    body = f'{{"instances": [{f"{element}," * 400_000}{last}]}}'.encode()
    tracemalloc.start()
    with contextlib.suppress(StatusError):
        read_inputs(json_body.parse_object(body), ONE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(body)
