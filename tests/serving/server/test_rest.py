"""The REST API, asked of a server that runs."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import numpy as np
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.launch import ModelServer

pytestmark = pytest.mark.slow

PREDICT = "/v1/models/small:predict"


def post(server: ModelServer, body: Any, path: str = PREDICT) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = requests.post(server.rest_url + path, data=data, timeout=30)
    return response.status_code, json.loads(response.content.decode("utf-8", "replace"))


def get(server: ModelServer, path: str) -> tuple[int, Any]:
    response = requests.get(server.rest_url + path, timeout=30)
    return response.status_code, response.json()


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"instances": [[1, 2.5]]}, {"predictions": [[3.0, 6.0]]}),
        ({"inputs": {"x": [[0, 0]]}}, {"outputs": [[1.0, 1.0]]}),
        (
            {"signature_name": "two", "instances": [{"a": 1, "b": 2}]},
            {"predictions": [{"half": 0.5, "sum": 3}]},
        ),
        (
            {"signature_name": "text", "instances": ["ab", {"b64": "Y2Q="}]},
            {
                "predictions": [
                    {"same_bytes": {"b64": "YWI="}, "upper": "AB"},
                    {"same_bytes": {"b64": "Y2Q="}, "upper": "CD"},
                ]
            },
        ),
        ({"signature_name": "no_batch", "inputs": [1, 2]}, {"outputs": 3.0}),
        ({"signature_name": "string", "inputs": "a"}, {"outputs": "a"}),
        ({"signature_name": "int8", "inputs": [[1], [-2]]}, {"outputs": [[1], [-2]]}),
    ],
)
def test_predict_answers_in_the_format_of_the_request(
    model_server: ModelServer, body: Any, answer: Any
):
    assert post(model_server, body) == (200, answer)
    assert post(model_server, body, "/v1/models/small/versions/3:predict") == (200, answer)


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        (PREDICT, b"", 400, "JSON Parse error: The document is empty"),
        (PREDICT, {"instances": [[1, 2]], "signature_name": "s"}, 400,
         'Serving signature name: "s" not found in signature def'),
        (PREDICT, {"instances": [[1]], "signature_name": 3}, 400,
         "'signature_name' key must be a string value."),
        (PREDICT, {"instances": [["a", 1]]}, 400, "is not of expected type: float"),
        (PREDICT, {"instances": [[1, 2, 3]]}, 200, ""),
        (PREDICT, {"inputs": [1], "signature_name": "half"}, 501, "to type: half"),
        (PREDICT, {"instances": [1], "signature_name": "half"}, 400, "UNIMPLEMENTED: Conversion"),
        (PREDICT, {"instances": [1, 2], "signature_name": "uneven"}, 400,
         "has inconsistent batch size"),
        (PREDICT, {"instances": [1], "signature_name": "no_batch"}, 400,
         "Tensor name: sum has no shape information "),
        ("/v1/models/other:predict", {"instances": [1]}, 404,
         "Servable not found for request: Latest(other)"),
        ("/v1/models/other:classify", {"examples": [1]}, 400, "Example must be JSON object"),
        ("/v1/models/other:regress", {"examples": [{}]}, 404,
         "Servable not found for request: Latest(other)"),
        (PREDICT, b'{"signature_name": "classify", "inputs": ["\xed\xa0\x80"]}', 400,
         "Could not parse example input, value: '\ufffd"),
        ("/v1/models/small/versions/4:predict", {"instances": [1]}, 404,
         "Servable not found for request: Specific(small, 4)"),
        ("/v1/models/small", {}, 400, "Malformed request: POST /v1/models/small"),
        ("/v2/models/small", {}, 404, "Not found: POST /v2/models/small"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_upstreams_status_and_words(
    model_server: ModelServer, path: str, body: Any, status: int, text: str
):
    found, answer = post(model_server, body, path)
    assert found == status
    assert text in answer.get("error", "")


@pytest.mark.parametrize(
    ("verb", "body", "status", "answer"),
    [
        ("classify", {"examples": [{"x": 0.25}, {"x": [1.0]}]}, 200,
         {"results": [[["no", 0.75], ["yes", 0.25]], [["no", 0.0], ["yes", 1.0]]]}),
        ("classify", {"context": {"x": 0.5}, "examples": [{}]}, 200,
         {"results": [[["no", 0.5], ["yes", 0.5]]]}),
        ("regress", {"examples": [{"x": 0.25}]}, 200, {"results": [2.5]}),
        ("regress", {"examples": []}, 400, None),
        ("regress", {"examples": [{"x": 1}]}, 400, None),
        ("classify", {"examples": [{"x": 0.5}], "signature_name": "regress"}, 400, None),
        ("regress", {"examples": [{"x": 0.5}], "signature_name": "serving_default"}, 400, None),
        ("regress", {"examples": [{"x": 0.5}], "signature_name": "no"}, 400, None),
    ],
)  # fmt: skip
def test_classify_and_regress(
    model_server: ModelServer, verb: str, body: Any, status: int, answer: Any
):
    found, got = post(model_server, {"signature_name": verb, **body}, f"/v1/models/small:{verb}")
    assert found == status, got
    assert got == answer if answer else got["error"]


def test_status_and_metadata(model_server: ModelServer):
    ok = {"error_code": "OK", "error_message": ""}
    expected = {"model_version_status": [{"version": "3", "state": "AVAILABLE", "status": ok}]}
    assert get(model_server, "/v1/models/small") == (200, expected)
    assert get(model_server, "/v1/models/small/versions/3") == (200, expected)
    assert get(model_server, "/v1/models/small/versions/4") == (
        404,
        {"error": "Could not find version 4 of model small"},
    )
    status, metadata = get(model_server, "/v1/models/small/metadata")
    assert status == 200
    assert metadata["model_spec"] == {"name": "small", "signature_name": "", "version": "3"}
    signature = metadata["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    assert signature["inputs"]["x"]["dtype"] == "DT_FLOAT"
    shape = signature["inputs"]["x"]["tensor_shape"]
    assert [dimension["size"] for dimension in shape["dim"]] == ["-1", "2"]
    assert shape["unknown_rank"] is False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["b64", "x", "a", "b", "s"]), inner, max_size=3)
    ),
    max_leaves=10,
)
SIGNATURES = ["serving_default", "two", "text", "float32", "int8", "uint64", "bool", "string"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    document=st.fixed_dictionaries(
        {"signature_name": st.sampled_from(SIGNATURES)},
        optional={"instances": JSON, "inputs": JSON},
    )
)
def test_no_json_gives_a_500_or_ends_the_server(model_server: ModelServer, document: Any):
    status, answer = post(model_server, document)
    assert status in (200, 400), answer
    assert model_server.alive


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(), method=st.sampled_from(["GET", "POST", "PUT", "OPTIONS"]))
def test_no_path_gives_a_500_or_ends_the_server(model_server: ModelServer, path: str, method: str):
    quoted = urllib.parse.quote(path.encode("utf-8", "replace"))
    for prefix in ("/", "/v1/models/small"):
        response = requests.request(method, model_server.rest_url + prefix + quoted, timeout=30)
        assert response.status_code in (200, 400, 404)
        # Upstream answers a preflight request without a body.
        assert method == "OPTIONS" or response.json()
    assert model_server.alive


def test_floats_come_back_as_the_numbers_they_were(model_server: ModelServer):
    values = np.random.default_rng(0).standard_normal((32, 28, 28)).astype(np.float32)
    status, answer = post(model_server, {"signature_name": "float32", "inputs": values.tolist()})
    assert status == 200
    np.testing.assert_array_equal(np.array(answer["outputs"], np.float32), values)
