"""Submitting, against a local server that speaks the API of Kubeflow Pipelines."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys

import pytest
import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

import kubeflow_runner
from pipeline.kubeflow.remote import web
from pipeline.settings import REPOSITORY
from tests.pipeline.kubeflow.runner_process import PUSHED, start
from tests.pipeline.kubeflow.standin import pod


@pytest.fixture
def run(file, server):
    def execute(*arguments: str, host: str = server.host) -> int:
        return kubeflow_runner.main(["submit", str(file), "--host", host, *arguments])

    return execute


def test_a_run_gets_the_file_the_parameters_and_no_overwritten_caching(
    run, server, documents, capsys
):
    given = ("--param", "data=gs://other/data", "--experiment", "nightly", "--name", "mine")
    assert run(*given) == 0
    said = capsys.readouterr().out
    assert said == "Submitted as run r1; artifacts below gs://bucket/root (the file's)\n"
    assert server.received["experiments"] == {"display_name": "nightly"}
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


@pytest.mark.filterwarnings("ignore:This client only works:FutureWarning")
def test_what_is_sent_is_what_kfps_own_client_sends(file, server, run):
    """Its client, against the same server."""
    import kfp

    assert run() == 0
    ours = server.received["runs"]
    client = kfp.Client(host=server.host)
    client.run_pipeline(
        "e1", "tiny", str(file), params={}, pipeline_root="gs://bucket/root", enable_caching=None
    )
    theirs = server.received["runs"]
    assert ours["pipeline_spec"] == theirs["pipeline_spec"]
    assert ours["runtime_config"] == {"parameters": {}, **theirs["runtime_config"]}


def test_another_root_can_be_asked_for(run, server, capsys):
    assert run("--pipeline-root", "gs://other/root", "--json") == 0
    assert server.received["runs"]["runtime_config"]["pipeline_root"] == "gs://other/root"
    said = capsys.readouterr()
    assert "artifacts below gs://other/root (--pipeline-root)" in said.err
    assert json.loads(said.out)["id"] == "r1"
    assert run("--pipeline-root", "/tmp/root") == 2
    assert "--pipeline-root /tmp/root is refused" in capsys.readouterr().err


def test_without_a_root_in_the_file_the_clusters_own_holds(run, file, documents, server, capsys):
    documents[0].pop("defaultPipelineRoot")
    file.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
    if run() == 0:  # The checks may ask for one.
        assert "the cluster's own root" in capsys.readouterr().out
        assert "pipeline_root" not in server.received["runs"]["runtime_config"]


@pytest.mark.medium
def test_a_run_is_followed_to_its_push(run, server, capsys):
    server.frames = [
        {},
        {"ExampleGen": "driver"},
        {"ExampleGen": "running"},
        {"ExampleGen": "cached", "Pusher": "running"},
        {"ExampleGen": "cached", "Pusher": "done"},
    ]
    server.logs[pod("Pusher")] = f"starting\n{PUSHED}pushed: gs://bucket/serving/3\n"
    assert run("--watch", "--poll", "0.1") == 0
    said = capsys.readouterr().out
    lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in said.splitlines()]
    assert lines == [
        "Submitted as run r1; artifacts below gs://bucket/root (the file's)",
        "tiny is pending",
        "tiny is running",
        "ExampleGen …",
        "ExampleGen cached",
        "Pusher …",
        "Pusher done 40 s",
        "✔ Pushed gs://bucket/serving/3",
    ]


@pytest.mark.slow
@pytest.mark.extended
def test_a_terminal_shows_a_table_in_colours(file, server):
    server.frames = [
        {"ExampleGen": "running"},
        {"ExampleGen": "done", "Pusher": "running"},
        {"ExampleGen": "done", "Pusher": "done"},
    ]
    server.logs[pod("Pusher")] = f"{PUSHED}pushed: gs://bucket/\x1b]0;x\x07serving/3\n"
    ours, theirs = pty.openpty()
    command = [sys.executable, "kubeflow_runner.py", "submit", str(file), "--host", server.host]
    with subprocess.Popen(
        [*command, "--watch", "--poll", "0.1"],
        cwd=REPOSITORY,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    ) as process:
        os.close(theirs)
        said = bytearray()
        # A terminal whose last user has gone is an input/output error on Linux.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 1 << 16):
                said += piece
    os.close(ours)
    assert process.returncode == 0
    text = said.decode()
    assert "\x1b[32m✔\x1b[0m" in text
    assert "\x1b[33m▸\x1b[0m" in text
    assert text.splitlines()[-1].endswith(" gs://bucket/\\x1b]0;x\\x07serving/3")


@pytest.mark.medium
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("already_live: version 3 is live", 0, "✔ Live version 3 is live"),
        ("refused: Evaluator did not bless it", 3, "✘ NOT PUSHED Evaluator did not bless it"),
        ("withdrawn: not confirmed", 3, "✘ WITHDRAWN not confirmed"),
        ("nothing that we know", 5, "does not say what it did"),
        (None, 5, "There is no log of Pusher"),
    ],
)
def test_the_exit_code_is_the_verdicts(run, server, capsys, line, code, said):
    server.frames = [{"ExampleGen": "done", "Pusher": "done"}]
    if line:
        server.logs[pod("Pusher")] = PUSHED + line
    assert run("--watch", "--poll", "0.1") == code
    assert said in capsys.readouterr().out


def test_a_failure_is_named_with_its_last_lines_and_the_command_for_more(run, server, capsys):
    server.frames = [{"ExampleGen": "failed", "Pusher": "omitted"}]
    server.ending = "FAILED"
    log = [f"line {number}" for number in range(40)] + ["\x1b[31mNo space\x1b[0m"]
    server.logs[pod("ExampleGen")] = "\n".join(log)
    assert run("--watch", "--poll", "0.1") == 1
    said = capsys.readouterr().out
    assert "ExampleGen failed 40 s" in said
    assert "Pusher skipped" in said
    assert "line 39" in said
    assert "line 3\n" not in said
    assert "\\x1b[31mNo space" in said
    assert f"kubeflow_runner.py logs r1 ExampleGen --host {server.host}" in said


def test_a_retry_is_shown_and_its_own_log_is_read(run, server, capsys):
    server.frames = [
        {"ExampleGen": "done", "Pusher": "running"},
        {"ExampleGen": "done", "Pusher": "done"},
    ]
    server.attempts = {"Pusher": 2}
    server.logs = {pod("Pusher", 0): "lost", pod("Pusher", 1): PUSHED + "pushed: gs://b/4"}
    assert run("--watch", "--poll", "0.1") == 0
    said = capsys.readouterr().out
    assert "Pusher … (attempt 2)" in said
    assert "✔ Pushed gs://b/4" in said


def test_a_cancelled_run_is_no_success(run, server, capsys):
    server.frames = [{"ExampleGen": "done", "Pusher": "canceled"}]
    server.ending = "CANCELED"
    assert run("--watch", "--poll", "0.1") == 1
    assert "cancelled" in capsys.readouterr().out


def test_json_has_the_nodes_and_the_verdict(run, server, capsys):
    server.frames = [{"ExampleGen": "cached", "Pusher": "done"}]
    server.logs[pod("Pusher")] = PUSHED + "refused: worse than version 2"
    assert run("--watch", "--poll", "0.1", "--json") == 3
    said = json.loads(capsys.readouterr().out)
    assert [(node["name"], node["state"]) for node in said["nodes"]] == [
        ("ExampleGen", "cached"),
        ("Pusher", "done"),
    ]
    assert said["ended"] == "2026-10-05T08:09:00Z"
    assert said["pipeline_root"] == "gs://bucket/root"
    verdict = said["verdict"]
    assert verdict["outcome"] == "refused"
    assert verdict["reason"] == "worse than version 2"
    assert verdict["exit_code"] == 3


@pytest.mark.medium
def test_a_watch_ends_in_time_and_says_how_to_go_on(run, server, capsys):
    server.frames = [{"ExampleGen": "running"}]
    assert run("--watch", "--poll", "0.1", "--timeout", "0.5") == 4
    said = capsys.readouterr().out
    assert "r1 is running after 0.5 s" in said
    assert f"kubeflow_runner.py status r1 --watch --host {server.host}" in said


@pytest.mark.medium
def test_ctrl_c_leaves_the_run_running(file, server):
    server.frames = [{"ExampleGen": "running"}]
    with start("submit", file, "--host", server.host, "--watch", "--poll", "0.2") as process:
        assert process.stdout
        for line in process.stdout:
            if "ExampleGen …" in line:
                break
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "The run goes on" in errors
    assert "status r1 --watch" in errors
    assert "Traceback" not in errors
    assert all(
        method != "DELETE" and ":terminate" not in path for method, path, _ in server.requests
    )


@pytest.mark.medium
def test_an_update_of_the_server_does_not_end_a_watch(run, server, capsys, monkeypatch):
    monkeypatch.setattr(web, "PAUSE_SECONDS", 0.05)
    server.frames = [{"ExampleGen": "running"}, {"ExampleGen": "done", "Pusher": "done"}]
    server.logs[pod("Pusher")] = PUSHED + "pushed: gs://b/1"
    # After the first look it is away, for as long as the three tries of one question.
    server.after = [(503, "text/html", b"<html><title>Bad gateway</title>", {})] * 3
    assert run("--watch", "--poll", "0.1") == 0
    said = capsys.readouterr().out
    assert "answered 503: Bad gateway" in said
    assert "Asking again" in said
    assert "✔ Pushed" in said


def test_what_the_server_says_is_passed_on(run, server, capsys):
    server.refuses = "resolver not implemented\x1b[2J"
    assert run() == 1
    said = capsys.readouterr().err
    assert "answered 400: resolver not implemented\\x1b[2J." in said
    assert "a stack" not in said


def test_an_invalid_file_is_not_sent(run, server, documents, file, capsys):
    documents[0]["schemaVersion"] = "2.0.0"
    file.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
    assert run() == 1
    assert "schema-version" in capsys.readouterr().err
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--param", "data"), "NAME=VALUE"),
        (("--param", "epochs=1"), "parameters are: data"),
    ],
)
def test_wrong_arguments_are_not_sent(run, server, capsys, arguments, said):
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err
    assert server.requests == []
