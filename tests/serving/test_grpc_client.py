from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from serving.client import ServingError
from serving.grpc_client import GrpcClient, decode, encode
from serving.grpc_messages import PredictRequest, PredictResponse, Tensor
from serving.launch import launch
from tests.serving.conftest import MODEL

DTYPES = ["f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]


@pytest.fixture(scope="module")
def client(base_path: Path) -> Iterator[GrpcClient]:
    with launch(base_path, MODEL, backend="embedded", grpc=True) as server:
        server.wait_available()
        with GrpcClient(str(server.grpc_target), MODEL) as client:
            yield client


@given(st.sampled_from(DTYPES).flatmap(lambda d: arrays.arrays(d, arrays.array_shapes(min_side=0))))
def test_arrays_come_back_as_they_were(array):
    back = decode(Tensor.FromString(encode(array).SerializeToString()))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@given(st.lists(st.binary(max_size=5), max_size=4))
def test_strings_keep_every_byte(values):
    back = decode(encode(np.array([*values, b""], object)[:-1]))
    assert back.tolist() == values


def test_a_type_that_tensorflow_lacks_is_named():
    with pytest.raises(TypeError, match="datetime64"):
        encode(np.array(["2020-01-01"], "datetime64[D]"))


@pytest.mark.slow
def test_the_official_messages_read_ours_and_ours_read_theirs():
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    ours = PredictRequest()
    ours.model_spec.name, ours.model_spec.signature_name = "m", "s"
    ours.model_spec.version.value = 7
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    ours.inputs["x"].CopyFrom(encode(array))
    ours.inputs["s"].CopyFrom(encode([b"a\0", "b"]))
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
def test_errors_have_the_status_that_rest_would_have(client):
    x = {"x": np.zeros((1, 2), np.float32)}
    with pytest.raises(ServingError, match="Servable not found for request") as error:
        client.predict(x, version=9)
    assert error.value.status == 404
    with pytest.raises(ServingError, match="Serving signature key") as error:
        client.predict(x, "nothing")
    assert error.value.status == 400


def test_a_server_that_is_not_there_is_a_serving_error(tmp_path):
    with (
        GrpcClient(f"unix:{tmp_path}/none", MODEL, timeout=5) as client,
        pytest.raises(ServingError) as error,
    ):
        client.status()
    assert error.value.status == 503


@pytest.mark.slow
@pytest.mark.parametrize("first", ["serving.grpc_client", "tensorflow"])
def test_goes_with_tensorflow_in_one_process_in_either_order(first):
    modules = sorted(["serving.grpc_client", "tensorflow"], key=lambda name: name != first)
    code = (
        f"import sys, {modules[0]}\n"
        f"assert ('tensorflow' in sys.modules) == ({modules[0]!r} == 'tensorflow')\n"
        f"import {modules[1]}, tensorflow as tf, serving.grpc_client as c\n"
        "assert c.decode(c.encode(tf.constant([1., 2.]).numpy())).tolist() == [1, 2]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
