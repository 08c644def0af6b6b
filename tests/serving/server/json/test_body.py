from __future__ import annotations

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.json import body as json_body
from serving.server.status import StatusError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def message(body: bytes) -> str:
    with pytest.raises(StatusError) as caught:
        json_body.parse_object(body)
    return caught.value.message


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"  ", "JSON Parse error: The document is empty. at offset: 2"),
        (b"instances = [1]", "JSON Parse error: Invalid value. at offset: 0"),
        (b'{"a" 1}',
         "JSON Parse error: Missing a colon after a name of object member. at offset: 5"),
        (b"{'a': 1}", "JSON Parse error: Missing a name for object member. at offset: 1"),
        (b'{"a": [1 2]}',
         "JSON Parse error: Missing a comma or ']' after an array element. at offset: 9"),
        (b'{"a": 1 "b"}',
         "JSON Parse error: Missing a comma or '}' after an object member. at offset: 8"),
        (b'{"a": 1e999}',
         "JSON Parse error: Number too big to be stored in double. at offset: 6"),
        (b"[1]", "JSON Value: [1] Is not object"),
        (b'"x"', 'JSON Value: "x" Is not object'),
    ],
)  # fmt: skip
def test_what_is_no_object_is_refused_in_upstreams_words(body: bytes, text: str):
    assert message(body) == text


def test_nan_infinity_and_trailing_junk_are_accepted():
    document = json_body.parse_object(b'{"a": [NaN, Infinity, -Infinity], "b": 1} trailing')
    assert math.isnan(document["a"][0])
    assert document["a"][1:] == [math.inf, -math.inf]
    assert document["b"] == 1


def test_bytes_that_are_not_utf8_pass_through():
    document = json_body.parse_object(b'{"a": "\xff\xfe"}')
    assert document["a"].encode("utf-8", "surrogateescape") == b"\xff\xfe"


def test_a_number_beyond_64_bits_is_a_double():
    for tail in (b"", b"x"):  # The strict and the lenient parser.
        document = json_body.parse_object(b'{"a": 123456789012345678901234567890}' + tail)
        assert document == {"a": 123456789012345678901234567890.0}


@pytest.mark.medium
@pytest.mark.parametrize(
    "deep", [b"[" * 500_000 + b"]" * 500_000, b'{"a":' * 9_000 + b"1" + b"}" * 9_000]
)
def test_what_is_not_used_may_be_nested_as_deep_as_it_likes(deep: bytes):
    document = json_body.parse_object(b'{"instances": [1], "nested": ' + deep + b"}")
    assert document["instances"] == [1]
    document = json_body.parse_object(b'{"signature_name": ' + deep + b"}")
    with pytest.raises(StatusError, match="'signature_name' key must be a string value"):
        json_body.signature_name(document)


@pytest.mark.medium
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_that_does_not_end_is_refused(opening: bytes):
    assert "JSON Parse error" in message(b'{"instances":' + opening * 200_000)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a" : 1, "b": "x:y", "a":2}',
        b'{"a": 1, "b": "\\":", "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": 1, "a": 2} and more',
    ],
)
def test_of_members_of_one_name_the_first_counts(body: bytes):
    assert json_body.parse_object(body)["a"] == 1


def test_members_of_one_name_are_found_at_any_depth():
    document = json_body.parse_object(b'{"instances": [{"x": {"b64": "YQ==", "b64": "Yg=="}}]}')
    assert type(document["instances"][0]["x"]) is not dict
    assert document["instances"][0]["x"] == {"b64": "YQ=="}


def test_a_byte_order_mark_and_short_forms_of_special_numbers_are_accepted():
    document = json_body.parse_object(b'\xef\xbb\xbf {"a": [Inf, -Inf, -NaN, "Inf", "-NaN"]}')
    assert document["a"][:2] == [math.inf, -math.inf]
    assert math.isnan(document["a"][2])
    assert document["a"][3:] == ["Inf", "-NaN"]


def test_half_a_surrogate_pair_is_refused_unless_it_is_the_second():
    text = "JSON Parse error: The surrogate pair in string is invalid. at offset: 7"
    assert message(b'{"a": "\\ud800"}') == text
    assert message(b'{"a": "\\ud800\\ud800"}') == text
    assert json_body.parse_object(b'{"a": "\\udc00"}') == {"a": "\udc00"}
    assert json_body.parse_object(b'{"a": "\\\\ud800"}') == {"a": "\\ud800"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([[1, 2.0], [1e39, 1e16, 2.5e-7]], "[[1, 2.0], [1e39, 10000000000000000.0, 2.5e-7]]"),
        ([{"a": [True, None]}], '[{\n        "a": [true, null]\n    }]'),
        ({"a": {}, "b": []}, '{\n    "a": {},\n    "b": []\n}'),
        ("é\n\"", '"é\\n\\""'),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_upstream_shows_it(value: object, text: str):
    assert json_body.show(value) == text


def test_a_shown_value_is_cut():
    shown = json_body.show(list(range(1_000_000)))
    assert 256 <= len(shown) < 270
    # A number is whole, or not there.
    assert shown.endswith(f", {shown.count(',')}")
    assert len(json_body.show("x" * 1_000_000)) == 258


@pytest.mark.medium
@given(JSON)
def test_both_parsers_agree_with_the_standard_library(value: object):
    text = json.dumps({"value": value}, ensure_ascii=False).encode("utf-8", "surrogateescape")
    expected = repr(json.loads(text, parse_int=float))
    for body in (text, text + b" junk"):
        found = json_body.parse_object(body)
        assert repr(json.loads(json.dumps(found), parse_int=float)) == expected


@given(st.binary())
def test_no_body_breaks_the_parser(body: bytes):
    with contextlib.suppress(StatusError):
        assert isinstance(json_body.parse_object(body), dict)


@pytest.mark.medium
@pytest.mark.parametrize(
    "body",
    [
        b'{"instances":[' + b"[1]," * 1_500_000,
        b'{"instances":[[' + b"[1]," * 1_500_000 + b"[1]}",
        b'{"instances":[1],"more":' + b'{"a":' * 4 + b"[" + b"{}," * 1_500_000 + b"1]}}}}}",
    ],
    ids=["not closed", "not well closed", "in objects"],
)
def test_what_cannot_be_read_in_pieces_is_bounded(body: bytes):
    with pytest.raises(StatusError, match="would take more than"):
        list(json_body.parse_object(body)["instances"])


def test_what_stands_in_a_text_costs_nothing():
    text = "[{:," * 500_000
    assert json_body.parse_object(b'{"inputs":"' + text.encode() + b'"}')["inputs"] == text


@pytest.mark.parametrize(
    ("before", "after", "text", "place"),
    [
        ("", ',"y":[1,2', "Missing a comma or ']' after an array element.", 9),
        ("", ',"y":"\\ud800"}', "The surrogate pair in string is invalid.", 6),
        ('"y":[1 2],', "}", "Missing a comma or ']' after an array element.", -3),
        ("", ',"inputs":[' + "2," * 300_000 + '2],"z":tru}', "Invalid value.", 600_021),
    ],
)
def test_an_error_beside_a_large_list_is_where_it_is_in_the_body(
    before: str, after: str, text: str, place: int
):
    body = f'{{{before}"instances":[{"1," * 300_000}1]'
    expected = len(body) + place if place >= 0 else len('{"y":[1 ')
    with pytest.raises(StatusError) as caught:
        json_body.parse_object((body + after).encode())
    assert caught.value.message == f"JSON Parse error: {text} at offset: {expected}"
