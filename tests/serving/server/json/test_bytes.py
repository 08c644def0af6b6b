from __future__ import annotations

import pytest

from serving.server.json.bytes import decode_base64, encode_text
from serving.server.status import StatusError


@pytest.mark.parametrize("text", ["aGk=", "aGk", " a G\nk = ", "aGk."])
def test_whitespace_and_missing_padding_do_not_matter(text: str):
    assert decode_base64(text) == b"hi"


@pytest.mark.parametrize(
    "text", ["aGk==", "YQ=", "YQ===", "YWFh=", "Y", "=", "YQ=a", "Y-Q=", "YQ==YQ=="]
)
def test_padding_is_complete_or_left_out(text: str):
    with pytest.raises(StatusError, match="Unable to base64 decode"):
        decode_base64(text)


def test_bytes_that_are_no_characters_are_kept():
    assert encode_text("\udcff\udc80") == b"\xff\x80"
    assert encode_text("\udc00") == b"\xed\xb0\x80"
