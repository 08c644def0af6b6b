"""Vertex AI, through Google's client against a local server that reads and writes its messages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from google.protobuf import json_format

import kubeflow_runner
from pipeline.kubeflow.postprocess import postprocess
from pipeline.sections.kubeflow import KubeflowOptions
from tests.pipeline.kubeflow.runner_process import PUSHED
from tests.pipeline.kubeflow.standin import serving

PARENT = "projects/p/locations/us-central1"
TOKEN = "ya29.secret"


def messages() -> Any:
    """Google's: to import them takes a CPU second, in every process that only collects tests."""
    from google.cloud import aiplatform_v1

    return aiplatform_v1


class VertexServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jobs: list[Any] = []
        self.schedules: list[Any] = []
        self.requested: list[str] = []
        self.looks: list[Mapping[str, str]] = [{}]
        """States of tasks that each look at a job finds; the last stays."""
        self.ending = "PIPELINE_STATE_SUCCEEDED"
        self.pushed: dict[str, Any] = {}
        """Metadata of what the Pusher left."""
        self.lines: dict[str, list[str]] = {}
        """Logs by job."""
        self.refuses: tuple[int, str] | None = None

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def look(self, job: Any) -> Any:
        last = len(self.looks) == 1
        states = self.looks[0] if last else self.looks.pop(0)
        job.state = self.ending if last and states else "PIPELINE_STATE_RUNNING"
        job.job_detail = messages().PipelineJobDetail(
            task_details=[self._task(name, state) for name, state in states.items()]
        )
        return job

    def _task(self, name: str, state: str) -> Any:
        detail = messages().PipelineTaskDetail(
            task_name=name,
            state=state,
            start_time="2026-10-05T08:00:20.5Z",
            executor_detail={"container_detail": {"main_job": f"{PARENT}/customJobs/{name}-1"}},
        )
        if state not in ("RUNNING", "PENDING"):
            detail.end_time = "2026-10-05T08:01:00.5Z"
        if name == "Pusher" and self.pushed:
            artifact = messages().Artifact(metadata=self.pushed)
            detail.outputs = {
                "pushed_model": messages().PipelineTaskDetail.ArtifactList(artifacts=[artifact])
            }
        return detail


class _Handler(BaseHTTPRequestHandler):
    server: VertexServer

    def do_GET(self) -> None:
        if self._is_refused():
            return
        url = urlsplit(self.path)
        kind, _, name = url.path.removeprefix(f"/v1/{PARENT}/").partition("/")
        jobs = self.server.jobs
        if name:
            found = [job for job in jobs if job.name.endswith(f"/{name}")]
            if found:
                self._say(self.server.look(found[0]))
            else:
                self._refuse(404, f"The PipelineJob {name} does not exist.")
        elif kind == "pipelineJobs":
            wanted = parse_qs(url.query).get("filter", [""])[0]
            named = re.fullmatch('display_name="(.*)"', wanted)
            found = [job for job in jobs if not named or job.display_name == named[1]]
            self._say(messages().ListPipelineJobsResponse(pipeline_jobs=found))
        else:
            self._say(messages().ListSchedulesResponse(schedules=self.server.schedules))

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._is_refused():
            return
        url = urlsplit(self.path)
        if url.path == "/v2/entries:list":
            self._entries(json.loads(text))
        elif url.path == f"/v1/{PARENT}/pipelineJobs":
            job = messages().PipelineJob.wrap(
                json_format.Parse(text, messages().PipelineJob.pb()())
            )
            (job_id,) = parse_qs(url.query)["pipelineJobId"]
            assert re.fullmatch("[a-z][-a-z0-9]{0,127}", job_id)
            job.name, job.create_time = f"{PARENT}/pipelineJobs/{job_id}", "2026-10-05T08:00:00Z"
            self.server.jobs.insert(0, job)
            self._say(job)
        elif url.path == f"/v1/{PARENT}/schedules":
            schedule = messages().Schedule.wrap(json_format.Parse(text, messages().Schedule.pb()()))
            schedule.name, schedule.state = f"{PARENT}/schedules/71", "ACTIVE"
            self.server.schedules.append(schedule)
            self._say(schedule)
        else:
            name, _, verb = url.path.removeprefix("/v1/").partition(":")
            schedule = next(s for s in self.server.schedules if s.name == name)
            schedule.state = {"pause": "PAUSED", "resume": "ACTIVE"}[verb]
            self._send(200, b"{}")

    def do_DELETE(self) -> None:
        if self._is_refused():
            return
        name = urlsplit(self.path).path.removeprefix("/v1/")
        self.server.schedules = [s for s in self.server.schedules if s.name != name]
        empty = {"@type": "type.googleapis.com/google.protobuf.Empty", "value": {}}
        operation = {"name": f"{PARENT}/operations/1", "done": True, "response": empty}
        self._send(200, json.dumps(operation).encode())

    def _entries(self, query: Mapping[str, Any]) -> None:
        """Two lines a page."""
        assert query["resourceNames"] == ["projects/p"]
        (job,) = re.findall('labels.job_id="(.*?)"', query["filter"])
        assert 'resource.type="ml_job"' in query["filter"]
        lines = self.server.lines.get(job, [])
        begin = int(query.get("pageToken") or 0)
        entries: list[Any] = [{"textPayload": line} for line in lines[begin : begin + 2]]
        entries = [
            {"jsonPayload": {"message": entry["textPayload"]}} if n else entry
            for n, entry in enumerate(entries)
        ]
        more = {"nextPageToken": str(begin + 2)} if begin + 2 < len(lines) else {}
        self._send(200, json.dumps({"entries": entries, **more}).encode())

    def _is_refused(self) -> bool:
        self.server.requested.append(f"{self.command} {self.path}")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._refuse(401, "Request had invalid authentication credentials.")
        elif self.server.refuses:
            self._refuse(*self.server.refuses)
        else:
            return False
        return True

    def _refuse(self, status: int, message: str) -> None:
        self._send(status, json.dumps({"error": {"code": status, "message": message}}).encode())

    def _say(self, message: Any) -> None:
        self._send(200, json_format.MessageToJson(type(message).pb(message)).encode())

    def _send(self, status: int, text: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server(home, monkeypatch):
    monkeypatch.setenv("KFP_EXISTING_TOKEN", TOKEN)
    with VertexServer() as server, serving(server):
        yield server


@pytest.fixture
def place(server):
    """Options that lead to the local server."""
    return (
        *("--target", "vertex", "--project", "p", "--region", "us-central1"),
        *("--host", server.host, "--logging-host", server.host),
    )


@pytest.fixture
def run(place):
    return lambda *arguments: kubeflow_runner.main([*map(str, arguments), *place])


@pytest.fixture
def file(tmp_path, compiled):
    (spec,) = postprocess(
        compiled,
        KubeflowOptions(),
        target="vertex",
        pipeline_root="gs://bucket/root",
        repository="/home/somebody/checkout",
        parameters={},
    )
    path = tmp_path / "vertex.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(spec))))
    return path


@pytest.mark.medium
def test_a_job_is_submitted_and_followed(file, server, run, capsys):
    server.looks = [
        {},
        {"ExampleGen": "RUNNING"},
        {"ExampleGen": "SKIPPED", "Pusher": "SUCCEEDED"},
    ]
    server.pushed = {"outcome": "pushed", "pushed_destination": "gs://bucket/serving/3"}
    given = ("--service-account", "runner@p", "--watch", "--poll", "0.1")
    assert run("submit", file, *given) == 0
    said = capsys.readouterr()
    (job,) = server.jobs
    assert job.service_account == "runner@p"
    assert job.display_name == "tiny"
    assert job.runtime_config.gcs_output_directory == "gs://bucket/root"
    assert set(job.pipeline_spec["root"]["dag"]["tasks"]) == {"ExampleGen", "Pusher"}
    lines = [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in said.out.splitlines()]
    name = job.name.rpartition("/")[2]
    assert lines == [
        f"Submitted as run {name}; artifacts below gs://bucket/root (the file's)",
        f"https://console.cloud.google.com/vertex-ai/locations/us-central1/pipelines/runs/{name}"
        "?project=p",
        "tiny is running",
        "ExampleGen …",
        "ExampleGen cached",
        "Pusher done 40 s",
        "✔ Pushed gs://bucket/serving/3",
    ]
    assert TOKEN not in said.out + said.err


@pytest.mark.medium
def test_a_refusal_and_a_failure_have_their_codes(run, file, server, capsys):
    server.looks = [{"ExampleGen": "SUCCEEDED", "Pusher": "SUCCEEDED"}]
    server.pushed = {"outcome": "refused", "reason": "Evaluator did not bless it"}
    assert run("submit", file, "--watch", "--poll", "0.1") == 3
    assert "NOT PUSHED Evaluator did not bless it" in capsys.readouterr().out
    server.looks = [{"ExampleGen": "FAILED", "Pusher": "NOT_TRIGGERED"}]
    server.ending = "PIPELINE_STATE_FAILED"
    server.lines["ExampleGen-1"] = ["one", "two", "No such bucket"]
    assert run("status", "tiny", "--watch", "--poll", "0.1") == 1
    said = capsys.readouterr().out
    assert "Pusher skipped" in said
    assert "No such bucket" in said
    assert "ExampleGen failed" in said


@pytest.mark.medium
def test_where_the_metadata_says_nothing_the_log_does(run, file, server, capsys):
    server.looks = [{"ExampleGen": "SUCCEEDED", "Pusher": "SUCCEEDED"}]
    server.lines["Pusher-1"] = ["a", "b", f"{PUSHED}already_live: version 2 is the same"]
    assert run("submit", file, "--watch", "--poll", "0.1") == 0
    assert "✔ Live version 2 is the same" in capsys.readouterr().out


@pytest.mark.medium
def test_status_runs_and_logs(run, file, server, capsys):
    assert run("submit", file, "--name", "My run", "--json") == 0
    made = json.loads(capsys.readouterr().out)["id"]
    assert made.startswith("my-run-2")
    server.looks = [{"ExampleGen": "RUNNING"}]
    server.ending = "PIPELINE_STATE_RUNNING"
    for wanted in (made, "My run"):
        assert run("status", wanted, "--json") == 0
        said = json.loads(capsys.readouterr().out)
        assert said["id"] == made
        assert [node["state"] for node in said["nodes"]] == ["running", "waiting"]
    assert run("runs") == 0
    assert made in capsys.readouterr().out
    server.lines["ExampleGen-1"] = ["one", "two\nthree", "four"]
    assert run("logs", made, "ExampleGen") == 0
    assert capsys.readouterr().out == "one\ntwo\nthree\nfour\n"
    assert run("status", "other") == 1
    assert "no run with id or name 'other'" in capsys.readouterr().err


@pytest.mark.medium
def test_schedules(run, file, server, capsys):
    given = ("--cron", "0 3 * * *", "--name", "nightly", "--max-concurrency", "2")
    assert run("schedule", file, *given) == 0
    assert "artifacts below gs://bucket/root" in capsys.readouterr().out
    (schedule,) = server.schedules
    assert schedule.cron == "0 3 * * *"
    assert schedule.max_concurrent_run_count == 2
    request = schedule.create_pipeline_job_request
    assert request.parent == PARENT
    assert request.pipeline_job.runtime_config.gcs_output_directory == "gs://bucket/root"
    assert run("schedule", "list", "--json") == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["id"], said["name"], said["active"]) == ("71", "nightly", True)
    assert run("schedule", "pause", "nightly") == 0
    assert server.schedules[0].state.name == "PAUSED"
    assert run("schedule", "resume", "71") == 0
    assert server.schedules[0].state.name == "ACTIVE"
    assert run("schedule", "delete", "nightly") == 0
    assert server.schedules == []


@pytest.mark.medium
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--every", "6h"), "no intervals"),
        (("--cron", "5 0 3 * * *"), "no seconds"),
        (("--cron", "0 3 * * *", "--catch-up"), "leave --catch-up out"),
    ],
)
def test_schedules_that_vertex_does_not_have(run, file, server, capsys, given, said):
    assert run("schedule", file, *given) == 1
    assert said in capsys.readouterr().err
    assert server.requested == []


@pytest.mark.medium
@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((403, "Permission denied."), "answered 403: Permission denied; ask for the role"),
        ((404, "Project p was not found."), "look at --project and --region"),
        ((503, "Try later."), "answered 503: Try later."),
        ((400, "bad \x1b[31m spec"), "answered 400: bad \\x1b[31m spec."),
    ],
)
def test_what_google_says_is_one_sentence(run, file, server, capsys, refusal, said):
    server.refuses = refusal
    assert run("submit", file) == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.medium
def test_logins_and_places(run, file, server, capsys, monkeypatch):
    monkeypatch.setenv("KFP_EXISTING_TOKEN", "expired")
    assert run("submit", file) == 1
    assert "gcloud auth application-default login" in capsys.readouterr().err
    monkeypatch.delenv("KFP_EXISTING_TOKEN")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
    assert run("submit", file) == 2
    assert "Google gives no login: File /nowhere was not found" in capsys.readouterr().err
    assert kubeflow_runner.main(["runs", "--target", "vertex", "--region", "r"]) == 2
    said = capsys.readouterr().err
    assert "--project is missing" in said
    assert "or set GOOGLE_CLOUD_PROJECT." in said
    monkeypatch.setenv("KFP_EXISTING_TOKEN", TOKEN)
    assert run("runs", "--cookies", "a=b") == 2
    assert "--cookies is for --target oss only" in capsys.readouterr().err


@pytest.mark.medium
def test_a_server_that_is_not_there(home, monkeypatch, capsys):
    monkeypatch.setenv("KFP_EXISTING_TOKEN", TOKEN)
    place = ("--target", "vertex", "--project", "p", "--region", "r")
    assert kubeflow_runner.main(["runs", *place, "--host", "http://127.0.0.1:1"]) == 1
    assert "Cannot reach Vertex AI at http://127.0.0.1:1" in capsys.readouterr().err
