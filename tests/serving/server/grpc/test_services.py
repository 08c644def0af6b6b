"""The gRPC services, asked of servers that run, with nothing but the messages."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    input_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.clients.rest_client import RestClient
from serving.launch import ModelServer, launch
from tests.serving.server.grpc_calls import Client

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(base_path: Path) -> Iterator[ModelServer]:
    with launch(base_path, "small", backend="embedded", grpc=True) as running:
        running.wait_available()
        yield running


@pytest.fixture(scope="module")
def client(server: ModelServer) -> Iterator[Client]:
    assert server.grpc_target is not None
    made = Client(server.grpc_target)
    yield made
    made.channel.close()


def predict_request(signature: str = "", **inputs: Any) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "small"
    request.model_spec.signature_name = signature
    for name, proto in inputs.items():
        request.inputs[name].CopyFrom(proto)
    return request


def floats(*values: float, shape: tuple[int, ...]) -> tensor_pb2.TensorProto:
    proto = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=values)
    for size in shape:
        proto.tensor_shape.dim.add().size = size
    return proto


def examples(*values: float) -> input_pb2.Input:
    message = input_pb2.Input()
    for value in values:
        example = message.example_list.examples.add()
        example.features.feature["x"].float_list.value.append(value)
    return message


def test_predict_answers_in_typed_fields(client: Client):
    response = client("Predict", predict_request(x=floats(1, 2.5, shape=(1, 2))))
    assert list(response.outputs["y"].float_val) == [3, 6]
    assert response.outputs["y"].tensor_content == b""
    assert [dim.size for dim in response.outputs["y"].tensor_shape.dim] == [1, 2]
    assert response.model_spec.version.value == 3
    assert response.model_spec.signature_name == "serving_default"


@pytest.mark.parametrize("letter", ["a", "%", "\n", "é", "鞋", "👟"])
def test_an_error_in_any_script_has_its_own_status(client: Client, letter: str):
    """Beyond 8 kB of a header gRPC says RESOURCE_EXHAUSTED instead, but not each time."""
    request = predict_request(x=floats(1.0, shape=(1,)))
    request.model_spec.name = letter * 50_000
    for _ in range(10):
        code, message = client.error("Predict", request)
        assert code == "NOT_FOUND"
        assert message.startswith("Servable not found for request: ")
        assert message.endswith("...TRUNCATED")


def test_tensor_content_and_repeated_values_are_read(client: Client):
    packed = floats(shape=(2, 2))
    packed.tensor_content = np.array([[1, 2], [3, 4]], np.float32).tobytes()
    response = client("Predict", predict_request(x=packed))
    assert list(response.outputs["y"].float_val) == [3, 5, 7, 9]
    response = client("Predict", predict_request(x=floats(1, shape=(2, 2))))
    assert list(response.outputs["y"].float_val) == [3] * 4


@pytest.mark.parametrize(
    ("name", "number", "field", "values"),
    [
        ("float64", types_pb2.DT_DOUBLE, "double_val", [0.5, -1]),
        ("int8", types_pb2.DT_INT8, "int_val", [-128, 127]),
        ("uint8", types_pb2.DT_UINT8, "int_val", [0, 255]),
        ("int64", types_pb2.DT_INT64, "int64_val", [-(2**63), 2**63 - 1]),
        ("uint32", types_pb2.DT_UINT32, "uint32_val", [0, 2**32 - 1]),
        ("uint64", types_pb2.DT_UINT64, "uint64_val", [0, 2**64 - 1]),
        ("bool", types_pb2.DT_BOOL, "bool_val", [True, False]),
        ("string", types_pb2.DT_STRING, "string_val", [b"\xff", b""]),
        ("half", types_pb2.DT_HALF, "half_val", [0x3C00, 0xC000]),
    ],
)
def test_every_type_comes_back_as_it_went(
    client: Client, name: str, number: int, field: str, values: list[Any]
):
    proto = tensor_pb2.TensorProto(dtype=number, **{field: values})
    proto.tensor_shape.dim.add().size = 2
    response = client("Predict", predict_request(name, x=proto))
    assert list(getattr(response.outputs["y"], field)) == values
    assert response.outputs["y"].dtype == number


def test_an_output_filter_chooses(client: Client):
    numbers = tensor_pb2.TensorProto(dtype=types_pb2.DT_INT32, int_val=[4])
    longs = tensor_pb2.TensorProto(dtype=types_pb2.DT_INT64, int64_val=[5])
    for proto in (numbers, longs):
        proto.tensor_shape.dim.add().size = 1
    request = predict_request("two", a=numbers, b=longs)
    request.output_filter.append("sum")
    response = client("Predict", request)
    assert list(response.outputs) == ["sum"]
    assert list(response.outputs["sum"].int64_val) == [9]
    request.output_filter.append("sum")
    assert client.error("Predict", request)[1] == "duplicate output tensor alias: sum"
    request.output_filter[:] = ["z"]
    assert "set {half,sum}" in client.error("Predict", request)[1]


def test_errors_have_upstreams_codes_and_texts(client: Client):
    assert client.error("Predict", predict_request("s")) == (
        "FAILED_PRECONDITION",
        'Serving signature key "s" not found.',
    )
    one = floats(1, shape=())
    assert client.error("Predict", predict_request(x=one, z=one)) == (
        "INVALID_ARGUMENT",
        "input size does not match signature: 2!=1 len({x,z}) != len({x})."
        " Sent extra: {z}. Missing but required: {}.",
    )
    code, text = client.error("Predict", predict_request(z=one))
    assert code == "INVALID_ARGUMENT"
    assert text.startswith("Signature input alias: x(feed name: serving_default_x:0) not found")
    wrong_type = tensor_pb2.TensorProto(dtype=types_pb2.DT_INT32, int_val=[1])
    assert client.error("Predict", predict_request(x=wrong_type)) == (
        "INVALID_ARGUMENT",
        "Input x is expected to be float but its type is int32",
    )
    cut = floats(shape=(2,))
    cut.tensor_content = b"123"
    assert client.error("Predict", predict_request(x=cut)) == (
        "INVALID_ARGUMENT",
        "tensor parsing error: x",
    )
    shapes: tuple[tuple[int, ...], ...] = ((2**40,), (2**20, 2))
    for shape in shapes:
        code, text = client.error("Predict", predict_request(x=floats(1, shape=shape)))
        assert code == "RESOURCE_EXHAUSTED"
        assert text.startswith("Tensor x ")
    malformed: list[tuple[int, ...]] = [
        (2**40, 2**40),
        (0, 2**40, 2**40),
        (-1,),
        (1,) * 255,
    ]
    for dims in malformed:
        assert client.error("Predict", predict_request(x=floats(1, shape=dims))) == (
            "INVALID_ARGUMENT",
            "tensor parsing error: x",
        )
    assert client.error("Predict", predict_request(x=floats(1, shape=(1,) * 33))) == (
        "INVALID_ARGUMENT",
        "Tensor x has 33 dimensions, and this server takes up to 32",
    )
    other = predict_request()
    other.model_spec.name = "other"
    assert client.error("Predict", other) == (
        "NOT_FOUND",
        "Servable not found for request: Latest(other)",
    )
    other.model_spec.name = "o" * 2000
    assert client.error("Predict", other)[1].endswith("...TRUNCATED")
    other.model_spec.name = ""
    assert client.error("Predict", other)[1] == "ModelSpec has no name specified."


def test_classify_regress_and_multi_inference(client: Client):
    classify = classification_pb2.ClassificationRequest(input=examples(0.25, 1))
    classify.model_spec.name = "small"
    classify.model_spec.signature_name = "classify"
    response = client("Classify", classify)
    assert [
        [(c.label, c.score) for c in row.classes] for row in response.result.classifications
    ] == [[("no", 0.75), ("yes", 0.25)], [("no", 0), ("yes", 1)]]

    regress = regression_pb2.RegressionRequest(input=examples(0.5))
    regress.model_spec.name = "small"
    regress.model_spec.signature_name = "regress"
    assert [r.value for r in client("Regress", regress).result.regressions] == [5]

    multi = inference_pb2.MultiInferenceRequest(input=examples(0.5))
    for name in ("classify", "regress"):
        task = multi.tasks.add(method_name=f"tensorflow/serving/{name}")
        task.model_spec.name = "small"
        task.model_spec.signature_name = name
    # Each signature of a TensorFlow 2 model has an input of its own.
    classified, regressed = client("MultiInference", multi).results
    assert classified.model_spec.version.value == 3
    assert [c.score for c in classified.classification_result.classifications[0].classes] == [
        0.5,
        0.5,
    ]
    assert regressed.regression_result.regressions[0].value == 5
    multi.tasks[1].model_spec.signature_name = "serving_default"
    assert client.error("MultiInference", multi)[1].startswith(
        'No regression inputs found in SignatureDef: inputs {\n  key: "x"'
    )


def test_status_and_metadata(client: Client):
    status = get_model_status_pb2.GetModelStatusRequest()
    assert client.error("GetModelStatus", status) == ("INVALID_ARGUMENT", "Missing ModelSpec")
    status.model_spec.name = "small"
    [version] = client("GetModelStatus", status).model_version_status
    assert (version.version, version.state) == (3, 30)

    metadata = get_model_metadata_pb2.GetModelMetadataRequest()
    metadata.model_spec.name = "small"
    assert "at least one metadata_field" in client.error("GetModelMetadata", metadata)[1]
    metadata.metadata_field.append("signature_def")
    packed = client("GetModelMetadata", metadata).metadata["signature_def"]
    found = get_model_metadata_pb2.SignatureDefMap()
    packed.Unpack(found)
    assert found.signature_def["serving_default"].inputs["x"].dtype == types_pb2.DT_FLOAT


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dtype=st.integers(0, 30),
    shape=st.lists(st.integers(-1, 3), max_size=4),
    values=st.lists(st.integers(0, 2), max_size=5),
    content=st.binary(max_size=9),
)
def test_no_tensor_is_an_internal_error(
    client: Client, dtype: int, shape: list[int], values: list[int], content: bytes
):
    proto = tensor_pb2.TensorProto(
        dtype=dtype, float_val=values, int_val=values, tensor_content=content
    )
    for size in shape:
        proto.tensor_shape.dim.add().size = size
    for signature in ("serving_default", "int8"):
        try:
            client("Predict", predict_request(signature, x=proto))
        except grpc.RpcError as error:
            code = error.code().name
        else:
            code = "OK"
        assert code in ("OK", "INVALID_ARGUMENT", "UNIMPLEMENTED")


def config_list(**models: Path) -> model_management_pb2.ReloadConfigRequest:
    request = model_management_pb2.ReloadConfigRequest()
    for name, path in models.items():
        request.config.model_config_list.config.add(
            name=name, base_path=str(path), model_platform="tensorflow"
        )
    return request


def test_the_config_can_be_reloaded(saved_model: Path, tmp_path: Path):
    for model in ("small", "other"):
        shutil.copytree(saved_model, tmp_path / model / "1")
    with launch(tmp_path / "small", "small", backend="embedded", grpc=True) as server:
        server.wait_available()
        client = Client(server.grpc_target or "")
        request = config_list(small=tmp_path / "small", other=tmp_path / "other")
        request.metric_names[:] = ["/tensorflow/serving/request_count", "another"]
        response = client("HandleReloadConfigRequest", request)
        assert response.status.error_code == 0
        assert [(x.name, x.int64_value_increase) for x in response.metric] == [
            ("/tensorflow/serving/request_count", 0),
            ("another", 0),
        ]
        labels = request.config.model_config_list.config[1].version_labels
        labels["stable"] = 1
        assert client("HandleReloadConfigRequest", request).status.error_code == 0
        assert RestClient(server.rest_url, "other").predict([[0, 0]]) == [[1.0, 1.0]]

        labelled = predict_request(x=floats(1, shape=(1, 2)))
        labelled.model_spec.name = "other"
        labelled.model_spec.version_label = "stable"
        assert client("Predict", labelled).model_spec.version.value == 1
        labelled.model_spec.version_label = "canary"
        assert client.error("Predict", labelled) == (
            "INVALID_ARGUMENT",
            "Unrecognized servable version label: canary",
        )
        labels["canary"] = 2
        assert client.error("HandleReloadConfigRequest", request)[0] == "FAILED_PRECONDITION"
        assert client.error("HandleReloadConfigRequest", config_list(small=Path("small"))) == (
            "INVALID_ARGUMENT",
            "Expected model small to have an absolute path or URI; got base_path()=small",
        )

        client("HandleReloadConfigRequest", config_list(other=tmp_path / "other"))
        deadline = time.monotonic() + 60
        while client_state(client, "small") != 50 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert client_state(client, "small") == 50
        client.channel.close()


def client_state(client: Client, name: str) -> int:
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = name
    return client("GetModelStatus", request).model_version_status[0].state


@pytest.mark.parametrize("method", ["Predict", "Classify", "Regress", "GetModelMetadata"])
def test_a_request_without_a_model_is_told_so(client: Client, method: str):
    nothing = predict_pb2.PredictRequest()  # Of any message, nothing is the same bytes.
    assert client.error(method, nothing) == ("INVALID_ARGUMENT", "Missing ModelSpec")


def test_health_and_content_are_answered_where_flags_say_so(base_path: Path, client: Client):
    wanted = [
        "--enable_grpc_healthcheck_service=true",
        "--enable_serialization_as_tensor_content=true",
        "--tensorflow_session_parallelism=1",
    ]
    with launch(base_path, "small", backend="embedded", grpc=True, flags=wanted) as server:
        server.wait_available()
        asked = Client(server.grpc_target or "")
        output = asked("Predict", predict_request(x=floats(1, 2.5, shape=(1, 2)))).outputs["y"]
        assert (list(output.float_val), np.frombuffer(output.tensor_content, "f").tolist()) == (
            [], [3, 6])  # fmt: skip
        answer = asked("Predict", predict_request("text", s=strings(b"ab", b""))).outputs["upper"]
        assert answer.tensor_content == b"\x02\x00AB"
        assert [dim.size for dim in answer.tensor_shape.dim] == [2]
        check = asked.channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"") == check(b"\x0a\x11PredictionService") == b"\x08\x01"  # SERVING
        with pytest.raises(grpc.RpcError) as unknown:
            check(b"\x0a\x01x")
        assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
        asked.channel.close()
    with pytest.raises(grpc.RpcError) as missing:
        client.channel.unary_unary("/grpc.health.v1.Health/Check")(b"")
    assert missing.value.code() is grpc.StatusCode.UNIMPLEMENTED


def strings(*values: bytes) -> tensor_pb2.TensorProto:
    proto = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=values)
    proto.tensor_shape.dim.add().size = len(values)
    return proto
