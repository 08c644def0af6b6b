from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.http.request_target import read_target


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/v1/models/m", "/v1/models/m"),
        (b"/v1/models/m?a=1&b", "/v1/models/m?a=1&b"),
        (b"/v1/models/m#f", "/v1/models/m#f"),
        (b"/v1/models/%41b", "/v1/models/%41b"),
        (b"http://host/v1/models/m", "/v1/models/m"),
        (b"http://user@host:8501/v1/models/m:predict?x", "/v1/models/m:predict?x"),
        (b"http://[::1]:8501/v1/models/m", "/v1/models/m"),
        (b"//v1/models/m", "/models/m"),
        (b"http://host", ""),
        (b"*", "*"),
        (b"/", "/"),
    ],
)
def test_a_target_may_name_a_host_before_its_path(target: bytes, path: str):
    assert read_target(target) == path


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/models/%zz", b"/v1/models/100%", b'/v1/models/"m"', b"/v1/models/[m]", b"/v1/<m>",
        b"/v1/models/a b", b"/v1/models/a|b", b"/v1/a\\b", b"/v1/a^b", b"/v1/{a}", b"/v1/`a`",
        "/v1/models/\u00e9".encode(), b"/v1/models/m?x=[1]", b"/v1/models/m#a#b", b"/v1/\x00",
    ],
)  # fmt: skip
def test_what_is_no_uri_is_none(target: bytes):
    assert read_target(target) is None


@given(st.binary())
def test_every_target_is_read_or_is_none(target: bytes):
    path = read_target(b"/" + target)
    assert path is None or path.isascii()
