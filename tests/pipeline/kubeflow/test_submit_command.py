"""Submitting and scheduling, against a local server that speaks the API of Kubeflow Pipelines."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import kfp_server_api
import pytest
import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from pipeline.kubeflow import submit_command
from pipeline.kubeflow.options import KubeflowOptions
from pipeline.kubeflow.postprocess import postprocess
from pipeline.kubeflow.run_parameters import RunParameter
from pipeline.kubeflow.submission import SubmissionError, parse_cron
from pipeline.settings import REPOSITORY

API = "/apis/v2beta1"


# The generated model has another name in each version of the client.
_Status = getattr(kfp_server_api, "GoogleRpcStatus", None) or kfp_server_api.GooglerpcStatus


def _text(model: Any) -> bytes:
    """A model of the client as the server would send it."""
    return json.dumps(kfp_server_api.ApiClient().sanitize_for_serialization(model)).encode()


class _Server(ThreadingHTTPServer):
    """Knows no experiment at first, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: dict[str, Any] = {}
        self.refuses = False

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path.startswith(f"{API}/experiments"):
            self._answer(200, kfp_server_api.V2beta1ListExperimentsResponse(experiments=[]))
        else:
            self._answer(200, kfp_server_api.V2beta1GetHealthzResponse(multi_user=False))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = self.path.split("?")[0].rpartition("/")[2]
        self.server.received[kind] = body
        if self.server.refuses:
            self._answer(400, _Status(code=3, message="resolver not implemented"))
        elif kind == "experiments":
            name = body["display_name"]
            made = kfp_server_api.V2beta1Experiment(experiment_id="e1", display_name=name)
            self._answer(200, made)
        elif kind == "runs":
            self._answer(200, kfp_server_api.V2beta1Run(run_id="r1", experiment_id="e1"))
        else:
            self._answer(200, kfp_server_api.V2beta1RecurringRun(recurring_run_id="s1"))

    def _answer(self, status: int, model: Any) -> None:
        text = _text(model)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    # The client keeps a namespace in the home folder.
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def documents(compiled):
    return postprocess(
        compiled,
        KubeflowOptions.model_validate({"nodes": {"Pusher": {"node_selector": {"pool": "a"}}}}),
        target="oss",
        pipeline_root="gs://bucket/root",
        repository="/home/somebody/checkout",
        parameters={"data": RunParameter("ExampleGen", "input_base")},
    )


@pytest.fixture
def run(tmp_path, documents, server):
    """The exit code of `submit`, or of `schedule` where `--cron` is among the arguments."""

    def execute(*arguments: str, host: str = server.host) -> int:
        file = tmp_path / "pipeline.yaml"
        file.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
        parser = argparse.ArgumentParser()
        submit_command.add_arguments(parser, cron="--cron" in arguments)
        return submit_command.run(parser.parse_args([str(file), "--host", host, *arguments]))

    return execute


def test_a_run_gets_the_file_the_parameters_and_no_overwritten_caching(
    run, server, documents, capsys
):
    assert run("--param", "data=gs://other/data", "--experiment", "nightly", "--name", "mine") == 0
    said = capsys.readouterr().out
    assert said.endswith("\nSubmitted as run r1; artifacts below gs://bucket/root\n")
    assert server.received["experiments"]["display_name"] == "nightly"
    sent = server.received["runs"]
    assert sent["display_name"] == "mine"
    assert sent["experiment_id"] == "e1"
    assert sent["runtime_config"]["parameters"] == {"data": "gs://other/data"}
    # Kubeflow Pipelines reads it nowhere else.
    assert sent["runtime_config"]["pipeline_root"] == "gs://bucket/root"
    # The client reads the file as a message, which knows no difference between false and nothing.
    spec = json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
    assert sent["pipeline_spec"]["pipeline_spec"] == json_format.MessageToDict(spec)
    assert sent["pipeline_spec"]["platform_spec"] == documents[1]


def test_a_schedule_reads_the_cron_as_cron_does(run, server):
    assert run("--cron", "0 3 * * *") == 0
    sent = server.received["recurringruns"]
    assert sent["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * *"
    assert sent["runtime_config"]["pipeline_root"] == "gs://bucket/root"
    assert sent["mode"] == "ENABLE"
    assert sent["max_concurrency"] == 1
    assert sent["no_catchup"] is True
    assert sent["display_name"] == "tiny"


@pytest.mark.parametrize("command", [("submit",), ("schedule", "--cron", "0 3 * * *")])
def test_both_work_as_a_user_starts_them(tmp_path, documents, server, command):
    file = tmp_path / "pipeline.yaml"
    file.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
    name, *rest = command
    started = subprocess.run(
        [sys.executable, "kubeflow_runner.py", name, str(file), "--host", server.host, *rest],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr
    assert "artifacts below gs://bucket/root" in started.stdout
    assert server.received.keys() >= {"runs" if name == "submit" else "recurringruns"}


def test_what_the_server_says_is_passed_on(run, server, capsys):
    server.refuses = True
    assert run() == 1
    said = capsys.readouterr().err
    assert "answered 400" in said
    assert "resolver not implemented" in said


def test_a_server_that_is_not_there_is_a_sentence(run, capsys):
    assert run(host="http://127.0.0.1:1") == 1
    assert "port-forward" in capsys.readouterr().err


def test_an_invalid_file_is_not_sent(run, server, documents, capsys):
    documents[0]["schemaVersion"] = "2.0.0"
    assert run() == 1
    assert "schema-version" in capsys.readouterr().err
    assert server.received == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--param", "data"), "NAME=VALUE"),
        (("--param", "epochs=1"), "parameters are: data"),
        (("--cron", "daily"), "five fields"),
    ],
)
def test_wrong_arguments_are_not_sent(run, server, capsys, arguments, said):
    assert run(*arguments) == 1
    assert said in capsys.readouterr().err
    assert server.received == {}


def test_six_fields_begin_with_seconds():
    assert parse_cron("5 0 3 * * *") == "5 0 3 * * *"
    with pytest.raises(SubmissionError, match="five fields"):
        parse_cron("* * * *")
