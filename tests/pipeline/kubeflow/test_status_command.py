"""Looking at runs, against a local server that speaks the API of Kubeflow Pipelines."""

from __future__ import annotations

import json
import threading

import pytest

import kubeflow_runner
from tests.pipeline.kubeflow.runner_process import PUSHED, start
from tests.pipeline.kubeflow.standin import WORKFLOW, argo_id, pod


@pytest.fixture
def run(server, documents):
    server.spec = {"pipeline_spec": json.loads(json.dumps(documents[0]))}

    def execute(*arguments: str) -> int:
        return kubeflow_runner.main([*arguments, "--host", server.host])

    return execute


@pytest.mark.parametrize("asked", ["nightly", "r2"])
def test_status_by_name_or_by_id(server, run, capsys, asked: str):
    server.named = [("r2", "nightly"), ("r1", "nightly")]
    server.frames = [{"ExampleGen": "cached", "Pusher": "running"}]
    assert run("status", asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "nightly  r2"
    assert lines[1].split() == ["●", "ExampleGen", "cached"]
    assert lines[2].split()[:2] == ["▸", "Pusher"]
    assert lines[3] == "running, begun 2026-10-05 08:00:00 UTC"
    assert lines[4] == "artifacts below gs://bucket/root"


def test_status_as_json(run, server, capsys):
    server.frames = [{"ExampleGen": "failed", "Pusher": "omitted"}]
    server.ending = "FAILED"
    assert run("status", "r1", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["state"] == "failed"
    assert said["verdict"]["node"] == "ExampleGen"
    assert [node["state"] for node in said["nodes"]] == ["failed", "skipped"]
    assert said["nodes"][0]["started"] == "2026-10-05T08:00:20Z"
    assert said["nodes"][1]["started"] is None


def test_a_watch_can_be_gone_on_with(run, server, capsys):
    server.frames = [
        {"ExampleGen": "done", "Pusher": "running"},
        {"ExampleGen": "done", "Pusher": "done"},
    ]
    server.logs[pod("Pusher")] = PUSHED + "already_live: version 2 is the same"
    assert run("status", "tiny", "--watch", "--poll", "0.1") == 0
    assert "✔ Live version 2 is the same" in capsys.readouterr().out


def test_a_run_that_is_over_has_its_verdict(run, server, capsys):
    server.frames = [{"ExampleGen": "done", "Pusher": "done"}]
    server.logs[pod("Pusher")] = PUSHED + "refused: worse than version 2"
    assert run("status", "r1") == 0
    assert capsys.readouterr().out.endswith("\n✘ NOT PUSHED worse than version 2\n")
    server.frames = [{"ExampleGen": "done", "Pusher": "cached"}]
    assert run("status", "r1", "--watch") == 5
    assert "Pusher was cached, so nothing was pushed" in capsys.readouterr().out


def test_a_driver_that_fails_has_the_nodes_log(run, server, capsys):
    server.frames = [{"ExampleGen": "driver failed"}]
    server.ending = "FAILED"
    number = argo_id("root.ExampleGen-driver").rpartition("-")[2]
    server.logs[f"{WORKFLOW}-system-container-driver-{number}"] = "no such parameter"
    assert run("status", "r1", "--watch") == 1
    said = capsys.readouterr().out
    assert "ExampleGen failed 10 s" in said
    assert "  no such parameter\n✘ ExampleGen failed" in said


def test_a_run_that_the_server_cannot_tell_of(run, server, capsys):
    broken = {"run_id": "r1", "error": {"code": 13, "message": "Failed to parse"}}
    server.answers = [
        (200, "application/json", b'{"multi_user": false}', {}),
        (200, "application/json", json.dumps(broken).encode(), {}),
    ]
    assert run("status", "r1") == 1
    assert "cannot tell of the run: Failed to parse." in capsys.readouterr().err


def test_a_missing_run_is_a_sentence(run, capsys):
    assert run("status", "../x y") == 1
    assert "has no run with id or name '../x y'" in capsys.readouterr().err


def test_runs_are_listed_over_pages(run, server, capsys):
    server.named = [(f"r{n}", f"run \x1b[3{n}m") for n in range(5)]
    assert run("runs", "--limit", "3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0] == "2026-10-05 08:00:00  pending    r0  run \\x1b[30m"
    assert run("runs", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 5
    server.named = []
    assert run("runs") == 0
    assert "no run yet" in capsys.readouterr().out


@pytest.mark.parametrize("ui", [False, True])
def test_logs_come_from_the_api_or_from_the_web_interface_before_it(run, server, capsys, ui):
    server.ui = ui
    server.frames = [{"ExampleGen": "done", "Pusher": "running"}]
    server.logs[pod("ExampleGen")] = "one\n10%\r100%\n\x1b[31mthree"
    assert run("logs", "r1", "ExampleGen") == 0
    assert capsys.readouterr().out == "one\n100%\n\\x1b[31mthree\n"


def test_logs_of_a_node_that_is_never_tried_again(run, server, capsys):
    server.frames = [{"ExampleGen": "done"}]
    server.attempts = {"ExampleGen": 0}
    server.logs[pod("ExampleGen", None)] = "one"
    assert run("logs", "r1", "ExampleGen") == 0
    assert capsys.readouterr().out == "one\n"


@pytest.mark.medium
def test_logs_are_followed_to_the_end_of_the_node(run, server):
    server.frames = [{"ExampleGen": "running"}]
    server.logs[pod("ExampleGen")] = "one\n"
    given = ("--follow", "--poll", "0.2", "--host", server.host)
    with start("logs", "r1", "ExampleGen", *given) as process:
        assert process.stdout
        assert process.stdout.readline() == "one\n"
        server.logs[pod("ExampleGen")] += "two\n"
        assert process.stdout.readline() == "two\n"
        server.logs[pod("ExampleGen")] += "three\n"
        server.frames = [{"ExampleGen": "done", "Pusher": "running"}]
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, said, errors) == (0, "three\n", "")


@pytest.mark.medium
@pytest.mark.parametrize(
    ("node", "does", "said"),
    [
        ("Pushr", "done", "no node 'Pushr'; did you mean Pusher?"),
        ("x", "done", "its nodes: ExampleGen, Pusher."),
        ("Pusher", "cached", "Pusher was cached, so it wrote nothing"),
        ("Pusher", "omitted", "Pusher is skipped"),
        ("Pusher", "done", "no log of Pusher"),
        ("Pusher", "done", f"kubectl logs {pod('Pusher')} -c main"),
    ],
)
def test_a_log_that_is_not_there_is_a_sentence(run, server, capsys, node, does, said):
    server.frames = [{"ExampleGen": "done", "Pusher": does}]
    assert run("logs", "r1", node) == 1
    assert said in capsys.readouterr().err


def test_users_in_namespaces(run, server, capsys):
    server.multi_user = True
    assert run("runs") == 1
    assert "name yours with --namespace" in capsys.readouterr().err
    assert run("runs", "--namespace", "me") == 0
    assert "namespace=me" in server.requests[-1][1]


def test_no_namespace_is_sent_where_there_is_one_user(run, server):
    assert run("runs", "--namespace", "kubeflow") == 0
    assert "namespace" not in server.requests[-1][1]


def test_many_looks_at_once_do_not_disturb_each_other(run, server):
    server.frames = [{"ExampleGen": "done"}]
    codes: list[int] = []
    threads = [
        threading.Thread(target=lambda: codes.append(run("status", "r1", "--json")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0] * 4
