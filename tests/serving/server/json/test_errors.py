"""The places and texts are what rapidjson 1.1.0 says of these bodies, told from its reader.h."""

from __future__ import annotations

import math

import pytest

from serving.server.json import body as json_body
from serving.server.status import StatusError

HEX = "Incorrect hex digit after \\u escape in string."
ESCAPE = "Invalid escape character in string."
QUOTE = "Missing a closing quotation mark in string."


@pytest.mark.parametrize(
    ("body", "text", "offset"),
    [
        ('{"a":[1.]}', "Miss fraction part in number.", 8),
        ('{"a":[-1.e5]}', "Miss fraction part in number.", 9),
        ('{"a":[1.5e]}', "Miss exponent in number.", 10),
        ('{"a":[1E+]}', "Miss exponent in number.", 9),
        ('{"a":["x".]}', "Missing a comma or ']' after an array element.", 9),
        ('{"a":1.5.2}', "Missing a comma or '}' after an object member.", 8),
        ('{"a":[1,2,1e309]}', "Number too big to be stored in double.", 10),
        ('{"a":["1e309", -1e309]}', "Number too big to be stored in double.", 15),
        ('{"a":' + "9" * 400 + "}", "Number too big to be stored in double.", 5),
        ('{"a":[tru]}', "Invalid value.", 9),
        ('{"a":nul', "Invalid value.", 8),
        ('{"a":[-]}', "Invalid value.", 7),
        ('{"a":[-true]}', "Invalid value.", 7),
        ('{"a":[.5]}', "Invalid value.", 6),
        ('{"a":[1,]}', "Invalid value.", 8),
        ('{"a":', "Invalid value.", 5),
        ('{"a":"b}', QUOTE, 8),
        ('{"a":"b\0"}', QUOTE, 7),
        ('{"a":"b\\', ESCAPE, 7),
        ('{"a":"b\\\\', QUOTE, 9),
        ('{"a":"b\n"}', ESCAPE, 7),
        ('{"a":"é\\x"}', ESCAPE, 8),
        ('{"a":"b\\u12"}', HEX, 7),
        ('{"a"', "Missing a colon after a name of object member.", 4),
        ('{"a":1', "Missing a comma or '}' after an object member.", 6),
        ('{"a":1,}', "Missing a name for object member.", 7),
    ],
)  # fmt: skip
def test_an_error_is_told_as_rapidjson_tells_it(body: str, text: str, offset: int):
    with pytest.raises(StatusError) as caught:
        json_body.parse_object(body.encode())
    assert caught.value.message == f"JSON Parse error: {text} at offset: {offset}"


def test_a_number_that_is_too_big_by_its_digits_alone_is_infinite():
    document = json_body.parse_object(b'{"a":[123e307, -1.8e308, 0.001e310]}')
    assert document["a"] == [math.inf, -math.inf, 1e307]
