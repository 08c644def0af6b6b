"""Addresses of model servers, as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.clients.rest_client import RestClient
from serving.clients.url import checked_url, model_path


@pytest.mark.parametrize(
    "text", ["http://localhost:8501", "https://models.example/v/", "http://[::1]:8501"]
)
def test_an_address_is_taken_as_it_is(text: str):
    assert checked_url(text) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must begin with http:// or https://"),
        ("localhost:8501", "must begin with http://"),
        ("grpc://h:1", "must begin with http://"),
        ("http://", "name a host"),
        ("http://[", "cannot be read"),
        ("http://h:x", "cannot be read"),
        ("http://h:99999", "cannot be read"),
        ("http://a b", "characters that no address has"),
        ("http://\udcff", "characters that no address has"),
        ("http://" + "a" * 64, "cannot be read"),
    ],
)
def test_another_text_is_refused_with_the_reason(text: str, why: str):
    with pytest.raises(ValueError, match=why):
        checked_url(text)


def test_other_schemes_are_taken_where_they_are_asked_for():
    assert checked_url("grpc://h:1", "http", "grpc") == "grpc://h:1"


@given(st.text() | st.text().map("http://".__add__))
def test_any_text_is_refused_or_a_client_can_be_made_of_it(text: str):
    try:
        checked_url(text)
    except ValueError:
        return
    RestClient(text, "model")


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (("letters",), "/v1/models/letters"),
        (("letters", None, "predict"), "/v1/models/letters:predict"),
        (("a/b ü", 7, "predict"), "/v1/models/a%2Fb%20%C3%BC/versions/7:predict"),
        (("\udcff", 7), "/v1/models/%FF/versions/7"),
    ],
)
def test_where_a_model_is_on_a_server(asked: tuple, path: str):
    assert model_path(*asked) == path
