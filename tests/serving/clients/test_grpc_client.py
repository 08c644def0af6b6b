from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from serving.clients import grpc_client
from serving.clients.grpc_client import GrpcClient
from serving.clients.grpc_messages import PredictRequest, PredictResponse
from serving.clients.rest_client import RestClient, ServingError
from serving.clients.tensors import decode, encode
from serving.launch import ModelServer, launch
from tests.serving.clients.dtypes import DTYPES
from tests.serving.conftest import MODEL


@pytest.fixture(scope="module")
def server(base_path: Path) -> Iterator[ModelServer]:
    with launch(base_path, MODEL, backend="embedded", grpc=True) as server:
        server.wait_available()
        yield server


@pytest.fixture(scope="module")
def client(server: ModelServer) -> Iterator[GrpcClient]:
    with GrpcClient(str(server.grpc_target), MODEL) as client:
        yield client


@pytest.mark.slow
def test_the_official_messages_read_ours_and_ours_read_theirs():
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    ours = PredictRequest()
    ours.model_spec.name, ours.model_spec.signature_name = "m", "s"
    ours.model_spec.version.value = 7
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    ours.inputs["x"].CopyFrom(encode(array))
    ours.inputs["s"].CopyFrom(encode(np.array([b"a\0", "b"], object)))
    theirs = predict_pb2.PredictRequest.FromString(ours.SerializeToString())
    assert (theirs.model_spec.name, theirs.model_spec.version.value) == ("m", 7)
    assert theirs.model_spec.signature_name == "s"
    np.testing.assert_array_equal(tf.make_ndarray(theirs.inputs["x"]), array)
    assert tf.make_ndarray(theirs.inputs["s"]).tolist() == [b"a\0", b"b"]

    for dtype in DTYPES:
        values = np.array([[1, 0, 1]], dtype)
        answer = predict_pb2.PredictResponse()
        answer.outputs["y"].CopyFrom(tf.make_tensor_proto(values))
        same = PredictResponse.FromString(answer.SerializeToString())
        np.testing.assert_array_equal(decode(same.outputs["y"]), values)


@pytest.mark.slow
def test_asks_every_type_and_gives_strings_as_bytes(client):
    answer = client.predict({"x": np.array([[1, 2], [3, 4]], np.float32)})
    np.testing.assert_array_equal(answer["y"], [[3, 5], [7, 9]])
    assert client.predict({"s": ["a", b"b"]}, "text")["upper"].tolist() == [b"A", b"B"]
    half = np.array([0.5, 2], np.float16)
    np.testing.assert_array_equal(client.predict({"x": half}, "half")["y"], half)


@pytest.mark.slow
def test_tells_the_state_as_the_rest_client_does(client):
    assert client.status() == [
        {
            "version": "3",
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
    ]


@pytest.mark.slow
def test_tells_the_signatures_as_the_rest_client_does(client, server):
    rest = RestClient(server.rest_url, MODEL).metadata()
    ours = client.metadata()
    assert ours["model_spec"] == rest["model_spec"]
    found = ours["metadata"]["signature_def"]["signature_def"]
    expected = rest["metadata"]["signature_def"]["signature_def"]
    assert found.keys() == expected.keys()
    for name, definition in expected.items():
        assert found[name] == {key: definition[key] for key in found[name]}


@pytest.mark.slow
def test_errors_have_the_status_that_rest_would_have(client):
    x = {"x": np.zeros((1, 2), np.float32)}
    with pytest.raises(ServingError, match="Servable not found for request") as error:
        client.predict(x, version=9)
    assert error.value.status == 404
    with pytest.raises(ServingError, match="Serving signature key") as error:
        client.predict(x, "nothing")
    assert error.value.status == 400


@pytest.mark.slow
@pytest.mark.extended
def test_a_large_request_outlives_a_connection_that_the_server_gave_up(base_path, monkeypatch):
    """Without another try about every third of them is told UNAVAILABLE."""
    monkeypatch.setattr(grpc_client, "IDLE_SECONDS", 0.5)
    x = np.zeros((1_000_000, 2), np.float32)
    flags = ["--idle_timeout_seconds=1"]
    with (
        launch(base_path, MODEL, backend="embedded", grpc=True, flags=flags) as server,
        GrpcClient(str(server.grpc_target), MODEL) as client,
    ):
        server.wait_available()
        for _ in range(6):
            assert client.predict({"x": x})["y"].shape == x.shape
            time.sleep(2)


def test_a_server_that_is_not_there_is_a_serving_error(tmp_path):
    with (
        GrpcClient(f"unix:{tmp_path}/none", MODEL, timeout=5) as client,
        pytest.raises(ServingError) as error,
    ):
        client.status()
    assert error.value.status == 503


@pytest.mark.slow
@pytest.mark.parametrize(
    "first",
    # The other order is that of these tests.
    ["serving.clients.grpc_client", pytest.param("tensorflow", marks=pytest.mark.extended)],
)
def test_goes_with_tensorflow_in_one_process_in_either_order(first):
    modules = sorted(["serving.clients.grpc_client", "tensorflow"], key=lambda name: name != first)
    code = (
        f"import sys, {modules[0]}\n"
        f"assert ('tensorflow' in sys.modules) == ({modules[0]!r} == 'tensorflow')\n"
        f"import {modules[1]}, tensorflow as tf, serving.clients.grpc_client as c\n"
        "assert c.decode(c.encode(tf.constant([1., 2.]).numpy())).tolist() == [1, 2]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
