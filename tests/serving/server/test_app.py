"""The server as a whole: its flags, files and signals."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import requests

from serving.backends.interpreter import clean_environment, module_command
from serving.clients.grpc_client import GrpcClient
from serving.clients.rest_client import RestClient, ServingError
from serving.launch import LaunchError, ModelServer, launch
from tests.serving.eventually import eventually

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--model_base_path=models/small"], "Expected model default to have an absolute path"),
        (["--port=0"], "model_base_path and server_options.model_config_file are empty"),
        # Also told by test_upstream.py.
        pytest.param(
            ["--model_config_file={folder}/bad"],
            "Error parsing text-format tensorflow.serving.Mod",
            marks=pytest.mark.extended,
        ),
        (["--model_config_file={folder}/none"], "Invalid protobuf file: '{folder}/none'"),
        (["--port=x"], "--port"),
    ],
)
def test_what_it_cannot_start_with_is_said_on_both_streams(
    tmp_path: Path, flags: list[str], problem: str
):
    (tmp_path / "bad").write_text("improper config file")
    command = module_command(
        "serving.server", "--port=0", *(flag.format(folder=tmp_path) for flag in flags)
    )
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=clean_environment()
    )
    problem = problem.format(folder=tmp_path)
    assert done.returncode == 255
    assert problem in done.stderr
    assert "Failed to start server. Error: " in done.stdout
    assert problem in done.stdout


def test_metrics_are_shown_where_the_config_says(base_path: Path, tmp_path: Path):
    config = tmp_path / "monitoring.config"
    config.write_text('prometheus_config { enable: true, path: "/metrics" }')
    with launch(
        base_path, "small", backend="embedded", flags=[f"--monitoring_config_file={config}"]
    ) as server:
        server.wait_available()
        RestClient(server.rest_url, "small").predict([[1, 2]])
        with pytest.raises(ServingError):
            RestClient(server.rest_url, "small").predict([["a"]])
        answer = requests.get(f"{server.rest_url}/metrics", timeout=60)
        requests.get(f"{server.rest_url}/v1/models/small/metadata", timeout=60)
        later = requests.get(f"{server.rest_url}/metrics", timeout=60)
        odd = requests.get(f"{server.rest_url}/metrics?x=1", timeout=60)
    assert answer.headers["content-type"] == "text/plain"
    prefix = ":tensorflow:serving:"
    assert (
        f'{prefix}request_count{{model_name="small",status="INVALID_ARGUMENT"}} 1\n' in answer.text
    )
    # The names of the APIs are those of upstream, where REST has them as they are in the path.
    rest = f'{prefix}request_latency_count{{model_name="small",API="%s",entrypoint="REST"}} %d\n'
    assert rest % ("predict", 1) in answer.text
    runs = f'{prefix}runtime_latency_count{{model_name="small",API="Predict",runtime="TF1"}} 1\n'
    assert runs in answer.text
    # What asks for the status or the metadata counts as well.
    good = re.compile(rf'{prefix}request_count{{model_name="small",status="OK"}} (\d+)\n')
    before, after = (int(good.findall(page.text)[0]) for page in (answer, later))
    assert after == before + 1
    assert (odd.status_code, odd.text) == (400, "Unexpected path: /metrics?x=1. Should be /metrics")


def test_without_a_config_there_are_no_metrics(model_server: ModelServer):
    url = f"{model_server.rest_url}/monitoring/prometheus/metrics"
    assert requests.get(url, timeout=60).status_code == 404


def test_batched_requests_get_their_own_answers(base_path: Path, tmp_path: Path):
    config = tmp_path / "batching.config"
    config.write_text("max_batch_size { value: 16 } batch_timeout_micros { value: 2000 }")
    flags = ["--enable_batching", f"--batching_parameters_file={config}"]
    wrong: list[object] = []

    def ask(url: str, offset: int) -> None:
        client = RestClient(url, "small")
        for number in range(offset, offset + 20):
            if client.predict([[number, 0]]) != [[2 * number + 1, 1]]:
                wrong.append(number)

    with launch(base_path, "small", backend="embedded", flags=flags) as server:
        server.wait_available()
        threads = [threading.Thread(target=ask, args=(server.rest_url, 100 * n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def write_warm_up(version: Path, values: object) -> None:
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    (version / "assets.extra").mkdir(exist_ok=True)
    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.model_spec.name = "small"
    log.predict_log.request.model_spec.signature_name = "serving_default"
    proto = tf.make_tensor_proto(values)
    log.predict_log.request.inputs["x"].CopyFrom(proto)
    with tf.io.TFRecordWriter(str(version / "assets.extra/tf_serving_warmup_requests")) as writer:
        writer.write(log.SerializeToString())


def test_warm_up_requests_are_replayed(saved_model: Path, tmp_path: Path):
    shutil.copytree(saved_model, tmp_path / "1")
    write_warm_up(tmp_path / "1", [[1.0, 2.0]])
    log = tmp_path / "log"
    with launch(tmp_path, "small", backend="embedded", log_path=log) as server:
        server.wait_available()
        assert "Finished reading warmup data: 1 requests" in log.read_text()


@pytest.mark.parametrize(
    "damage",
    [
        "a request that fails",
        pytest.param("cut", marks=pytest.mark.extended),
        pytest.param("junk", marks=pytest.mark.extended),
    ],
)
def test_a_warm_up_that_fails_fails_the_load(saved_model: Path, tmp_path: Path, damage: str):
    version = tmp_path / "1"
    shutil.copytree(saved_model, version)
    write_warm_up(version, "text is no float")
    file = version / "assets.extra" / "tf_serving_warmup_requests"
    if damage == "cut":
        os.truncate(file, file.stat().st_size - 1)
    elif damage == "junk":
        file.write_bytes(bytes(range(200)))
    with (
        launch(tmp_path, "small", backend="embedded") as server,
        pytest.raises(LaunchError) as caught,
    ):
        server.wait_available()
    assert ("TFRecord" in str(caught.value)) == (damage != "a request that fails")


@pytest.mark.extended
def test_versions_are_swapped_under_load_without_a_failed_request(
    saved_model: Path, tmp_path: Path
):
    base_path, staging = tmp_path / "models", tmp_path / "staging"
    shutil.copytree(saved_model, base_path / "1")
    failed: list[Exception] = []
    done = threading.Event()

    def ask(url: str) -> None:
        client = RestClient(url, "small")
        while not done.is_set():
            try:
                assert client.predict([[1, 0]]) == [[3.0, 1.0]]
            except Exception as error:
                failed.append(error)

    with launch(base_path, "small", backend="embedded") as server:
        server.wait_available(1)
        threads = [threading.Thread(target=ask, args=(server.rest_url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for version in (2, 3):
            shutil.copytree(saved_model, staging)
            staging.rename(base_path / str(version))
            server.wait_available(version, timeout=60)
        shutil.rmtree(base_path / "3")
        server.wait_available(2, timeout=60)
        done.set()
        for thread in threads:
            thread.join()
    assert failed == []


def test_a_request_in_progress_is_answered_when_the_server_stops(base_path: Path):
    values = np.zeros((20_000, 2)).tolist()
    answers: list[int] = []
    ends: list[str] = []
    with launch(base_path, "small", backend="embedded") as server:
        server.wait_available()
        client = RestClient(server.rest_url, "small")

        def ask() -> None:
            while True:
                try:
                    answers.append(len(client.predict(values)))
                except requests.exceptions.ConnectionError as error:
                    ends.append(str(error))
                    return

        thread = threading.Thread(target=ask)
        thread.start()
        assert eventually(lambda: len(answers) > 2)
        os.kill(server.pid, signal.SIGTERM)
        thread.join()
        assert eventually(lambda: not server.alive)
    assert set(answers) == {20_000}
    # Refused or closed between requests, not in the middle of an answer.
    assert "IncompleteRead" not in ends[0]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "serving.server", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "--model_base_path"),
        (("--port=x", "--model_base_path=/m"), "Flag --port has the value 'x'"),
        (
            ("--model_base_path=/m", "--batching_parameters_file=/b"),
            "is set without setting server_options.enable_batching",
        ),
    ],
)
def test_flags_that_cannot_work_end_the_start(arguments: tuple[str, ...], text: str):
    finished = run(*arguments)
    assert finished.returncode == 255
    assert text in finished.stdout
    assert "Traceback" not in finished.stderr


@pytest.mark.extended
def test_a_port_that_is_taken_ends_the_start(base_path: Path, model_server: ModelServer):
    port = model_server.rest_url.rpartition(":")[2]
    for flag, flags in (("--rest_api_port", ("--port=0",)), ("--port", ())):
        finished = run(f"--model_base_path={base_path}", f"{flag}={port}", *flags)
        assert finished.returncode == 255
        assert finished.stdout == (
            "Failed to start server. Error: UNAVAILABLE: cannot listen on"
            f" 127.0.0.1:{port}: Address already in use; name another port with {flag}\n"
        )


def test_idle_connections_lock_nobody_out_and_the_log_stays_small(base_path: Path, tmp_path: Path):
    log = tmp_path / "log"
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    command = module_command(
        "serving.server",
        "--port=0",
        f"--rest_api_socket={listener.fileno()}",
        f"--model_base_path={base_path}",
        "--model_name=small",
        "--idle_timeout_seconds=2",
    )
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh", *command],
            stdout=output,
            stderr=output,
            env=clean_environment(),
            pass_fds=[listener.fileno()],
        )
    listener.close()
    client = RestClient(f"http://127.0.0.1:{address[1]}", "small")

    def answers() -> bool:
        with contextlib.suppress(OSError):
            return client.predict([[0, 0]]) == [[1, 1]]
        return False

    with contextlib.ExitStack() as cleanup:
        cleanup.callback(server.kill)
        assert eventually(answers, 60)
        before = psutil.Process(server.pid).num_fds()
        for _ in range(300):
            cleanup.enter_context(socket.create_connection(address, timeout=60))
        for _ in range(20):
            assert RestClient(f"http://127.0.0.1:{address[1]}", "small").predict([[0, 0]])
        assert psutil.Process(server.pid).num_fds() < 256
        assert eventually(lambda: psutil.Process(server.pid).num_fds() <= before)
        assert log.stat().st_size < 5_000
        server.terminate()
        assert server.wait(20) == 0


def test_other_origins_may_read_answers_where_a_flag_allows_it(base_path: Path):
    flags = ["--rest_api_enable_cors_support"]
    with launch(base_path, "small", backend="embedded", flags=flags) as server:
        server.wait_available()
        url = f"{server.rest_url}/v1/models/small:predict"
        origin = {"Origin": "http://example.com"}
        preflight = requests.options(url, headers=origin, timeout=60)
        answer = requests.post(url, json={"instances": [[0, 0]]}, headers=origin, timeout=60)
        refused = requests.post(url, json={}, headers=origin, timeout=60)
    assert [preflight.status_code, answer.status_code, refused.status_code] == [200, 200, 400]
    for response in (preflight, answer, refused):
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["access-control-allow-methods"] == "POST, GET"
        assert response.headers["access-control-allow-headers"] == "Content-Type"


@pytest.mark.extended
def test_two_apis_on_one_port_leave_grpc_alone(base_path: Path, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    log = tmp_path / "log"
    command = module_command(
        "serving.server",
        f"--port={port}",
        f"--rest_api_port={port}",
        f"--model_base_path={base_path}",
        "--model_name=small",
    )
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env=clean_environment())
    try:
        assert eventually(lambda: "Running gRPC ModelServer at" in log.read_text(), 60)
        assert "Skipped exporting HTTP/REST API" in log.read_text()
        with GrpcClient(f"127.0.0.1:{port}", "small") as client:
            assert client.predict({"x": np.zeros((1, 2), np.float32)})["y"].tolist() == [[1, 1]]
    finally:
        server.terminate()
        server.wait(20)


def test_grpc_connections_are_limited_and_end_when_idle(base_path: Path):
    flags = ["--max_connections=8", "--idle_timeout_seconds=2"]
    with launch(base_path, "small", backend="embedded", grpc=True, flags=flags) as server:
        server.wait_available()
        before = psutil.Process(server.pid).num_fds()
        path = str(server.grpc_target).removeprefix("unix:")
        with contextlib.ExitStack() as cleanup:
            for _ in range(40):
                silent = cleanup.enter_context(socket.socket(socket.AF_UNIX))
                silent.connect(path)
            time.sleep(0.5)
            assert psutil.Process(server.pid).num_fds() < before + 20
            assert RestClient(server.rest_url, "small").predict([[0, 0]]) == [[1, 1]]

            def answers() -> bool:
                with (
                    contextlib.suppress(ServingError),
                    GrpcClient(str(server.grpc_target), "small", timeout=2) as client,
                ):
                    return bool(client.predict({"x": np.zeros((1, 2), np.float32)}))
                return False

            assert eventually(answers)
