from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.status import Code, StatusError
from serving.server.versions import routes
from serving.server.versions.routes import Asked, ModelSpec, Route


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("POST", "/v1/models/m:predict", Route(ModelSpec("m"), "predict")),
        ("POST", "/v1/models/m/versions/7:predict", Route(ModelSpec("m", 7), "predict")),
        ("POST", "/v1/models/m/labels/new:regress", Route(ModelSpec("m", None, "new"), "regress")),
        ("POST", "/V1/Models/M:classify", Route(ModelSpec("M"), "classify")),
        ("POST", "/v1/models/a%20b:predict", Route(ModelSpec("a b"), "predict")),
        ("GET", "/v1/models/m", Route(ModelSpec("m"), "status")),
        ("GET", "/v1/models/m/versions/007", Route(ModelSpec("m", 7), "status")),
        ("GET", "/v1/models/m/metadata", Route(ModelSpec("m"), "metadata")),
        ("GET", "/v1/models/m/METADATA", Route(ModelSpec("m"), "status")),
        ("GET", "/v1/models/m/labels/x/metadata", Route(ModelSpec("m", None, "x"), "metadata")),
    ],
)
def test_a_request_line_is_read_as_upstream_reads_it(method: str, path: str, route: Route):
    assert routes.match(method, path) == route


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/v1/models/m:predict", "Malformed request: GET /v1/models/m:predict"),
        ("POST", "/v1/models/m", "Malformed request: POST /v1/models/m"),
        ("POST", "/v1/models/m:guess", "Malformed request: POST /v1/models/m:guess"),
        ("PUT", "/v1/models/m:predict", "Malformed request: PUT /v1/models/m:predict"),
        ("GET", "/v1/models", "Missing model name in request."),
        (
            "GET",
            "/v1/models/m/versions/9223372036854775808",
            "Failed to convert version: 9223372036854775808 to numeric.",
        ),
    ],
)
def test_anything_else_is_a_malformed_request(method: str, path: str, message: str):
    with pytest.raises(StatusError) as caught:
        routes.match(method, path)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/v1/models/m?x=1", Route(ModelSpec("m?x=1"), "status")),
        ("GET", "/v1/models/m#x", Route(ModelSpec("m#x"), "status")),
        ("GET", "/v1/models/m?x=1/metadata", Route(ModelSpec("m?x=1"), "metadata")),
        ("POST", "/v1/models/m?x=1:predict", Route(ModelSpec("m?x=1"), "predict")),
        ("POST", "/v1/models/m:predict?x=1", None),
        ("GET", "/v1/models/m/versions/1?x=1", None),
    ],
)
def test_a_query_is_part_of_the_path_as_it_is_upstream(method: str, path: str, route: Route | None):
    if route is None:
        with pytest.raises(StatusError, match=f"Malformed request: {method} {re.escape(path)}"):
            routes.match(method, path)
    else:
        assert routes.match(method, path) == route


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("POST", "/v1/models/a%20b/versions/1:predict", Asked("a b", "predict")),
        ("POST", "/v1/models/m/versions/9223372036854775808:regress", Asked("m", "regress")),
        ("GET", "/v1/models/m/metadata", Asked("m")),
        ("GET", "/v1/models", Asked()),
        ("POST", "/v1/models/m:guess", Asked()),
        ("OPTIONS", "/v1/models/m:predict", Asked()),
    ],
)
def test_every_request_is_counted_as_upstream_counts_it(method: str, path: str, asked: Asked):
    assert routes.asked(method, path) == asked


@given(
    st.sampled_from(["GET", "POST", "HEAD"]),
    st.one_of(
        st.text(),
        st.from_regex(r"\A/v1/models(/[^/]*)?(/versions/[0-9]+|/labels/.*)?(:[a-z]+)?\Z"),
    ),
)
def test_no_request_line_breaks_the_matching(method: str, path: str):
    with contextlib.suppress(StatusError):
        route = routes.match(method, path)
        assert routes.is_rest_path(path)
        assert route.spec.name
