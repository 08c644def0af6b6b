"""What TensorFlow Serving's own integration test asks of a model server, on models of its kinds.

Its 30 cases (model_servers/tensorflow_model_server_test.py) without the four for what is not served
here: two of TF Lite, one of the profiler, one of TF Text.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    input_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.launch import LaunchError, ModelServer, launch
from tests.serving.server.grpc_calls import Client

pytestmark = pytest.mark.slow

VERSION = 123
CLASSIFY, REGRESS = "tensorflow/serving/classify", "tensorflow/serving/regress"


def save_as_tf1(folder: Path, offset: float) -> None:
    """x / 2 + offset, exported with the builder of TensorFlow 1: tf.Examples share one input."""
    import tensorflow as tf

    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        half = v1.Variable(0.5, name="a")
        examples = v1.placeholder(tf.string, [None], name="tf_example")
        parsed = v1.parse_example(examples, {"x": v1.FixedLenFeature([1], tf.float32)})
        x = tf.identity(parsed["x"], name="x")
        y = tf.add(half * x, offset, name="y")

        def signature(inputs: dict[str, Any], outputs: dict[str, Any], method: str) -> Any:
            infos = (
                {key: v1.saved_model.build_tensor_info(tensor) for key, tensor in each.items()}
                for each in (inputs, outputs)
            )
            return v1.saved_model.build_signature_def(*infos, method)

        builder = v1.saved_model.Builder(str(folder))
        session.run(v1.global_variables_initializer())
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            signature_def_map={
                "serving_default": signature({"x": x}, {"y": y}, "tensorflow/serving/predict"),
                "classify_x_to_y": signature({"inputs": examples}, {"scores": y}, CLASSIFY),
                "regress_x_to_y": signature({"inputs": examples}, {"outputs": y}, REGRESS),
            },
            main_op=v1.tables_initializer(),
        )
        builder.save()


def save_as_tf2(folder: Path) -> None:
    """x / 2 + 2, where each function has an input of its own."""
    import tensorflow as tf

    class HalfPlusTwo(tf.Module):
        def __init__(self) -> None:
            self.half = tf.Variable(0.5)

        def compute(self, x: Any) -> Any:
            return self.half * x + 2.0

        def parse(self, examples: Any) -> Any:
            features = {"x": tf.io.FixedLenFeature([1], tf.float32)}
            return self.compute(tf.io.parse_example(examples, features)["x"])

    model = HalfPlusTwo()
    examples = tf.TensorSpec([None], tf.string, "inputs")
    numbers = tf.TensorSpec([None], tf.float32, "x")
    calls = {
        "serving_default": (lambda x: {"y": model.compute(x)}, numbers),
        "classify_x_to_y": (lambda inputs: {"scores": model.parse(inputs)}, examples),
        "regress_x_to_y": (lambda inputs: {"outputs": model.parse(inputs)}, examples),
    }
    tf.saved_model.save(
        model,
        str(folder),
        signatures={
            name: tf.function(call, autograph=False).get_concrete_function(spec)
            for name, (call, spec) in calls.items()
        },
    )


def save_checkpoint(folder: Path) -> None:
    import tensorflow as tf

    root = tf.train.Checkpoint()
    root.v1, root.v2 = tf.Variable(3.0), tf.Variable(2.0)
    root.f = tf.function(lambda x: {"y": root.v1 * root.v2 * x}, autograph=False)
    call = root.f.get_concrete_function(tf.TensorSpec(None, tf.float32))
    tf.saved_model.save(root, str(folder), call)


def save_several_signatures(folder: Path) -> None:
    import tensorflow as tf

    spec = [tf.TensorSpec(None, tf.float32)]
    root = tf.train.Checkpoint()
    root.f = tf.function(lambda x: {"y": tf.constant(1.0)}, input_signature=spec, autograph=False)
    root.g = tf.function(lambda x: {"y": tf.constant(2.0)}, input_signature=spec, autograph=False)
    signatures = {"serving_default": root.f, "custom_signature_key": root.g}
    tf.saved_model.save(root, str(folder), signatures=signatures)


def save_keras(folder: Path, *, distributed: bool) -> None:
    import tensorflow as tf
    import tf_keras

    strategy = tf.distribute.MirroredStrategy(["/cpu:0"]) if distributed else None
    with strategy.scope() if strategy else contextlib.nullcontext():
        model = tf_keras.models.Sequential([tf_keras.layers.Input((1,), name="x")])
        if distributed:
            model.add(tf_keras.layers.Dense(1, kernel_initializer="ones"))
        model.add(tf_keras.layers.Lambda(lambda x: x, name="y"))
    tf.saved_model.save(model, str(folder))


MODELS = {
    "half_plus_two": lambda folder: save_as_tf1(folder, 2.0),
    "half_plus_three": lambda folder: save_as_tf1(folder, 3.0),
    "half_plus_two_tf2": save_as_tf2,
    "checkpoint": save_checkpoint,
    "several": save_several_signatures,
    "keras": lambda folder: save_keras(folder, distributed=False),
    "keras_distributed": lambda folder: save_keras(folder, distributed=True),
}


def config_of(folder: Path, *names: str) -> str:
    """As upstream's template, with its commas and colons."""
    models = ", ".join(
        f'config: {{ name: "{name}", base_path: "{folder / name}", model_platform: "tensorflow" }}'
        for name in names
    )
    return f"model_config_list: {{ {models} }}"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the base path of each model."""
    folder = tmp_path_factory.mktemp("models")
    for name, save in MODELS.items():
        save(folder / name / f"{VERSION:08}")
    return folder


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    """One that serves them all from a config file: testGoodModelConfig."""
    folder = tmp_path_factory.mktemp("configs")
    config, monitoring = folder / "good_model_config.conf", folder / "monitoring_config.txt"
    config.write_text(config_of(models, *MODELS))
    monitoring.write_text("prometheus_config: { enable: true }")
    flags = [
        f"--model_config_file={config}",
        f"--monitoring_config_file={monitoring}",
        "--rest_api_timeout_in_ms=5000",
        "--grpc_channel_arguments=grpc.max_connection_age_ms=2000,grpc.lb_policy_name=grpclb,"
        "grpc.so_reuseaddr=1",
    ]
    with launch(
        models / "half_plus_two", "half_plus_two", backend="embedded", grpc=True, flags=flags
    ) as running:
        running.wait_available(VERSION)
        yield running


@pytest.fixture(scope="module")
def client(server: ModelServer) -> Iterator[Client]:
    """Over a Unix domain socket: testPredictUDS."""
    assert str(server.grpc_target).startswith("unix:")
    opened = Client(str(server.grpc_target))
    yield opened
    opened.channel.close()


def predict_request(
    name: str, *, signature: str = "serving_default", filtered: bool = True, batch: bool = False
) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    request.inputs["x"].dtype = types_pb2.DT_FLOAT
    request.inputs["x"].float_val.append(2.0)
    for _ in range(1 + batch):
        request.inputs["x"].tensor_shape.dim.add().size = 1
    if filtered:
        request.output_filter.append("y")
    return request


def specified(spec: Any) -> tuple[str, str, int]:
    return spec.name, spec.signature_name, spec.version.value


def example() -> input_pb2.Input:
    made = input_pb2.Input()
    features = made.example_list.examples.add().features.feature
    features["x"].float_list.value.append(2.0)
    return made


@pytest.mark.parametrize("filtered", [True, False])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("half_plus_two", 3.0),
        ("half_plus_three", 4.0),
        ("half_plus_two_tf2", 3.0),
        ("checkpoint", 12.0),
        ("several", 1.0),
    ],
)
def test_predict(client: Client, name: str, expected: float, filtered: bool):
    answer = client("Predict", predict_request(name, filtered=filtered))
    assert list(answer.outputs) == ["y"]
    assert answer.outputs["y"].dtype == types_pb2.DT_FLOAT
    assert list(answer.outputs["y"].float_val) == [expected]
    assert specified(answer.model_spec) == (name, "serving_default", VERSION)


@pytest.mark.parametrize("name", ["keras", "keras_distributed"])
def test_predict_with_a_keras_model(client: Client, name: str):
    answer = client("Predict", predict_request(name, filtered=False, batch=True))
    assert list(answer.outputs["y"].float_val) == [2.0]


def test_predict_with_another_signature(client: Client):
    answer = client("Predict", predict_request("several", signature="custom_signature_key"))
    assert list(answer.outputs["y"].float_val) == [2.0]
    assert specified(answer.model_spec) == ("several", "custom_signature_key", VERSION)


@pytest.mark.parametrize("name", ["half_plus_two", "half_plus_two_tf2"])
def test_classify_regress_and_both_at_once(client: Client, name: str):
    classify = classification_pb2.ClassificationRequest(input=example())
    regress = regression_pb2.RegressionRequest(input=example())
    both = inference_pb2.MultiInferenceRequest(input=example())
    for request, signature, method in (
        (regress, "regress_x_to_y", REGRESS),
        (classify, "classify_x_to_y", CLASSIFY),
    ):
        request.model_spec.name = name
        request.model_spec.signature_name = signature
        both.tasks.add(model_spec=request.model_spec, method_name=method)
    answer = client("Classify", classify)
    [[found]] = [row.classes for row in answer.result.classifications]
    assert (found.score, specified(answer.model_spec)) == (3, (name, "classify_x_to_y", VERSION))
    answer = client("Regress", regress)
    assert [row.value for row in answer.result.regressions] == [3]
    assert specified(answer.model_spec) == (name, "regress_x_to_y", VERSION)
    first, second = client("MultiInference", both).results
    assert first.regression_result.regressions[0].value == 3
    assert second.classification_result.classifications[0].classes[0].score == 3
    assert specified(first.model_spec) == (name, "regress_x_to_y", VERSION)
    assert specified(second.model_spec) == (name, "classify_x_to_y", VERSION)


def test_status_and_metadata(client: Client):
    status = get_model_status_pb2.GetModelStatusRequest()
    status.model_spec.name = "half_plus_two"
    [version] = client("GetModelStatus", status).model_version_status
    assert (version.version, version.status.error_code) == (VERSION, 0)
    metadata = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    metadata.model_spec.name = "half_plus_two"
    answer = client("GetModelMetadata", metadata)
    assert specified(answer.model_spec) == ("half_plus_two", "", VERSION)
    assert list(answer.metadata) == ["signature_def"]


def test_a_missing_model_is_named_as_a_servable(client: Client):
    code, text = client.error("Predict", predict_request("intentionally_missing_model"))
    assert code == "NOT_FOUND"
    assert "Servable" in text


@pytest.mark.parametrize(
    ("verb", "asked", "expected"),
    [
        (
            "classify",
            {"signature_name": "classify_x_to_y", "examples": [{"x": 2.0}]},
            {"results": [[["", 3.0]]]},
        ),
        (
            "regress",
            {"signature_name": "regress_x_to_y", "examples": [{"x": 2.0}]},
            {"results": [3.0]},
        ),
        ("predict", {"instances": [2.0, 3.0, 4.0]}, {"predictions": [3.0, 3.5, 4.0]}),
        ("predict", {"inputs": [2.0, 3.0, 4.0]}, {"outputs": [3.0, 3.5, 4.0]}),
    ],
)
def test_rest(server: ModelServer, verb: str, asked: Any, expected: Any):
    url = f"{server.rest_url}/v1/models/half_plus_two:{verb}"
    assert requests.post(url, json=asked, timeout=60).json() == expected


def test_rest_status(server: ModelServer):
    answer = requests.get(f"{server.rest_url}/v1/models/half_plus_two", timeout=60)
    assert answer.json() == {
        "model_version_status": [
            {
                "version": str(VERSION),
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }


def test_rest_metadata(server: ModelServer):
    answer = requests.get(f"{server.rest_url}/v1/models/half_plus_two/metadata", timeout=60).json()

    def tensor(name: str, dtype: str, *sizes: int) -> dict[str, Any]:
        dim = [{"size": str(size), "name": ""} for size in sizes]
        return {
            "dtype": dtype,
            "tensor_shape": {"dim": dim, "unknown_rank": not sizes},
            "name": name,
        }

    y = tensor("y:0", "DT_FLOAT", -1, 1)
    examples = tensor("tf_example:0", "DT_STRING", -1)
    expected = {
        "serving_default": (
            {"x": tensor("x:0", "DT_FLOAT", -1, 1)}, {"y": y}, "tensorflow/serving/predict",
        ),
        "classify_x_to_y": ({"inputs": examples}, {"scores": y}, CLASSIFY),
        "regress_x_to_y": ({"inputs": examples}, {"outputs": y}, REGRESS),
    }  # fmt: skip
    found = answer["metadata"]["signature_def"]["signature_def"]
    assert found == {
        name: {"inputs": inputs, "outputs": outputs, "method_name": method, "defaults": {}}
        for name, (inputs, outputs, method) in expected.items()
    }
    assert answer["model_spec"] == {
        "name": "half_plus_two",
        "signature_name": "",
        "version": str(VERSION),
    }


def test_the_init_op_is_in_the_metadata_of_a_model_of_tensorflow_2(server: ModelServer):
    url = f"{server.rest_url}/v1/models/half_plus_two_tf2/metadata"
    document = requests.get(url, timeout=60).json()
    found = document["metadata"]["signature_def"]["signature_def"]["__saved_model_init_op"]
    assert found == {
        "inputs": {},
        "outputs": {
            "__saved_model_init_op": {
                "name": "NoOp",
                "dtype": "DT_INVALID",
                "tensor_shape": {"dim": [], "unknown_rank": True},
            }
        },
        "method_name": "",
        "defaults": {},
    }


def test_prometheus(server: ModelServer):
    url = f"{server.rest_url}/monitoring/prometheus/metrics"
    assert "# TYPE" in requests.get(url, timeout=60).text


def test_a_bad_model_config_ends_the_start(models: Path, tmp_path: Path):
    config = tmp_path / "bad_model_config.txt"
    config.write_text("improperly formatted file")
    flags = [f"--model_config_file={config}"]
    with (
        launch(models / "keras", "keras", backend="embedded", flags=flags) as server,
        pytest.raises(LaunchError, match=r"Error parsing text-format tensorflow\.serving\.Model"),
    ):
        server.wait_available()


@pytest.mark.parametrize("poll_seconds", [pytest.param(0, marks=pytest.mark.extended), 1])
def test_a_model_config_is_reloaded_if_it_is_polled(
    models: Path, tmp_path: Path, poll_seconds: int
):
    config = tmp_path / "model_config.txt"
    config.write_text(config_of(models, "half_plus_two"))
    flags = [
        f"--model_config_file={config}",
        f"--model_config_file_poll_wait_seconds={poll_seconds}",
    ]
    with launch(
        models / "half_plus_two", "half_plus_two", backend="embedded", grpc=True, flags=flags
    ) as server:
        server.wait_available(VERSION)
        client = Client(str(server.grpc_target))
        config.write_text(config_of(models, "half_plus_three"))

        def serves_the_new_one() -> bool:
            url = f"{server.rest_url}/v1/models/half_plus_three:predict"
            answer = requests.post(url, json={"instances": [2.0]}, timeout=60)
            return answer.json() == {"predictions": [4.0]}

        deadline = time.monotonic() + (60 if poll_seconds else 2.5)
        while not serves_the_new_one() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert serves_the_new_one() == bool(poll_seconds)
        if not poll_seconds:
            answer = client("Predict", predict_request("half_plus_two"))
            assert list(answer.outputs["y"].float_val) == [3.0]
        client.channel.close()
