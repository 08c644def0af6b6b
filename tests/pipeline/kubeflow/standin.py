"""A server on this machine that speaks v2beta1 of Kubeflow Pipelines, as 2.16 was seen to.

What it takes and says is checked against the models of kfp_server_api. Runs are told as nodes of
Argo's workflow, whose names and ids are derived as Argo derives them.
"""

from __future__ import annotations

import datetime
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import kfp_server_api as api

API = "/apis/v2beta1"
WORKFLOW = "tiny-x7k2p"
BEGIN = datetime.datetime(2026, 10, 5, 8, 0, tzinfo=datetime.timezone.utc)
# The generated model has another name in each version of the client.
_Status = getattr(api, "GoogleRpcStatus", None) or api.GooglerpcStatus
_PHASES = {
    "running": "RUNNING",
    "pending": "PENDING",
    "done": "SUCCEEDED",
    "cached": "SUCCEEDED",
    "failed": "FAILED",
    "canceled": "CANCELED",
}

Frame = Mapping[str, str]
"""Nodes with what they do: driver, driver failed, omitted, or a key of `_PHASES`."""


def argo_id(path: str) -> str:
    value = 2166136261
    for byte in f"{WORKFLOW}.{path}".encode():
        value = (value ^ byte) * 16777619 % 2**32
    return f"{WORKFLOW}-{value}"


def pod(node: str, attempt: int | None = 0) -> str:
    """The pod of one attempt; None: of a node that is not tried again."""
    inner = "executor" if attempt is None else f"executor({attempt})"
    kind = "system-container-impl" if attempt is None else "retry-system-container-impl"
    return f"{WORKFLOW}-{kind}-{argo_id(f'root.{node}.{inner}').rpartition('-')[2]}"


def text_of(model: Any) -> bytes:
    """A model of the client as the server would send it."""
    return json.dumps(api.ApiClient().sanitize_for_serialization(model)).encode()


def _unknown(value: Any, kind: str, at: str = "") -> list[str]:
    """Keys that the API does not have, of which the real server refuses each."""
    if kind.startswith("list["):
        return [k for n, one in enumerate(value) for k in _unknown(one, kind[5:-1], f"{at}[{n}]")]
    model = getattr(api, kind, None)
    if model is None or not hasattr(model, "attribute_map") or not isinstance(value, dict):
        return []
    types = {name: model.openapi_types[a] for a, name in model.attribute_map.items()}
    unknown = [f"{at}.{key}" for key in value if key not in types]
    known = [key for key in value if key in types]
    return unknown + [k for key in known for k in _unknown(value[key], types[key], f"{at}.{key}")]


class KubeflowServer(ThreadingHTTPServer):
    """What it was sent is kept, and what it says can be set before or meanwhile."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: dict[str, Any] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        """Method, path with query, headers."""
        self.experiments: list[Any] = []
        self.schedules: list[Any] = []
        self.frames: list[Frame] = [{}]
        """What each look at the run finds; the last one stays."""
        self.ending = "SUCCEEDED"
        """Of the run, once the last frame was reached and nothing runs in it."""
        self.attempts: dict[str, int] = {}
        """Of nodes so far, 1 unless it is said; 0: of one that is not tried again."""
        self.logs: dict[str, str] = {}
        """By pod."""
        self.spec: Any = None
        self.named: list[tuple[str, str]] = [("r1", "tiny")]
        """Ids and names of the runs, the newest first."""
        self.multi_user = False
        self.ui = False
        """Whether the web interface stands before the API, as on a whole Kubeflow."""
        self.answers: list[tuple[int, str, bytes, dict[str, str]]] = []
        """To the next requests, whatever they ask: status, content type, content, headers."""
        self.after = list(self.answers)
        """The same, once somebody has looked at a run."""
        self.refuses: str | None = None
        """Why no run is taken."""
        self.only: dict[str, str] | None = None
        """Headers without which a request is told 401."""
        self.silence = 0.0
        """Seconds before each answer."""
        self.silence_of_posts = 0.0
        self.version = "v2beta1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are what some tests are about."""

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def run(self, run_id: str, *, look: bool = True) -> Any:
        last = len(self.frames) == 1
        frame = self.frames.pop(0) if look and not last else self.frames[0]
        busy = not last or any(s in ("driver", "running", "pending") for s in frame.values())
        state = "PENDING" if not frame else "RUNNING" if busy else self.ending
        details = list(self._details(frame, state))
        return api.V2beta1Run(
            run_id=run_id,
            experiment_id="e1",
            display_name=dict(self.named).get(run_id, "tiny"),
            state=state,
            created_at=BEGIN,
            # As the server writes what has not happened.
            finished_at="1970-01-01T00:00:00Z" if busy else BEGIN + datetime.timedelta(minutes=9),
            pipeline_spec=self.spec,
            runtime_config=api.V2beta1RuntimeConfig(pipeline_root="gs://bucket/root"),
            run_details=api.V2beta1RunDetails(task_details=details) if look else None,
        )

    def _details(self, frame: Frame, state: str) -> Iterator[Any]:
        if not frame:
            return
        yield _detail(WORKFLOW, state, children=["root-driver"])
        yield _detail("root-driver", "SUCCEEDED", children=["root"])
        yield _detail("root", state, children=[f"root.{node}-driver" for node in frame])
        for number, (node, does) in enumerate(frame.items()):
            if does == "omitted":
                # The API has no word for it, and so no state.
                yield _detail(f"{node}-driver", None, number)
                yield _detail(node, None, number)
                continue
            if does.startswith("driver"):
                phase = "FAILED" if "failed" in does else "RUNNING"
                yield _detail(f"{node}-driver", phase, number)
                continue
            yield _detail(f"{node}-driver", "SUCCEEDED", number, children=[f"root.{node}"])
            phase = _PHASES[does]
            seconds = 0 if does == "cached" else 40
            tried = self.attempts.get(node, 1)
            children = [f"root.{node}.executor"]
            yield _detail(node, phase, number, seconds, children)
            inner = "SKIPPED" if does == "cached" else phase
            attempts = [f"root.{node}.executor({n})" for n in range(tried)]
            yield _detail("executor", inner, number, seconds, attempts)
            for n in range(tried):
                yield _detail(f"executor({n})", phase if n == tried - 1 else "FAILED", number, 9)


def _detail(
    name: str,
    state: str | None,
    number: int = 0,
    seconds: int = 10,
    children: Sequence[str] = (),
) -> Any:
    begun = BEGIN + datetime.timedelta(seconds=60 * number + 20)
    over = state not in ("RUNNING", "PENDING")
    return api.V2beta1PipelineTaskDetail(
        run_id="r1",
        task_id=f"{name}-{number}",
        display_name=name,
        state=state,
        start_time=begun,
        end_time=begun + datetime.timedelta(seconds=seconds) if over else "1970-01-01T00:00:00Z",
        child_tasks=[
            api.PipelineTaskDetailChildTask(pod_name=argo_id(child)) for child in children
        ],
    )


class _Handler(BaseHTTPRequestHandler):
    server: KubeflowServer

    def do_GET(self) -> None:
        if self._is_answered():
            return
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        *_, kind = parts = unquote(url.path).split("/")
        if url.path == f"/apis/{self.server.version}/healthz":
            self._say(200, api.V2beta1GetHealthzResponse(multi_user=self.server.multi_user))
        elif kind == "log" and not self.server.ui and url.path.startswith("/apis/v1alpha1/"):
            self._log(parts[-2])
        elif url.path == "/k8s/pod/logs" and self.server.ui:
            found = self.server.logs.get(query["podname"])
            self._send(200 if found else 404, "text/plain", (found or "pod not found").encode())
        elif not url.path.startswith(f"/apis/{self.server.version}/"):
            self._send(404, "text/plain", b"404 page not found\n")
        elif kind in ("experiments", "runs", "recurringruns"):
            self._list(kind, query)
        elif parts[-2] == "runs" and kind in dict(self.server.named):
            self._say(200, self.server.run(kind))
            self.server.answers, self.server.after = self.server.after, []
        else:
            self._say(404, _Status(code=5, message=f"ResourceNotFoundError: Run {kind} not found."))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        time.sleep(self.server.silence_of_posts)
        if self._is_answered():
            return
        body: Any = json.loads(text) if text else {}
        name = self.path.split("?")[0].rpartition("/")[2]
        if ":" in name:
            self._change(*name.split(":"))
            return
        self.server.received[name] = body
        kind = {
            "experiments": "V2beta1Experiment",
            "runs": "V2beta1Run",
            "recurringruns": "V2beta1RecurringRun",
        }[name]
        if name == "runs" and self.server.refuses:
            refusal = {"code": 3, "message": self.server.refuses, "details": ["a stack"]}
            self._send(400, "application/json", json.dumps(refusal).encode())
            return
        unknown = _unknown(body, kind)
        if unknown or (
            name == "experiments" and self.server.multi_user and "namespace" not in body
        ):
            wrong = f"unknown {unknown}" if unknown else "Namespace cannot be empty"
            self._say(400, _Status(code=3, message=f"Invalid input error: {wrong}"))
        elif name == "experiments":
            made = api.V2beta1Experiment(experiment_id="e1", display_name=body["display_name"])
            self.server.experiments.append(made)
            self._say(200, made)
        elif name == "runs":
            self.server.spec = body["pipeline_spec"]
            self.server.named = [("r1", body["display_name"])]
            self._say(200, self.server.run("r1", look=False))
        else:
            made = {**body, "recurring_run_id": "s1", "status": "ENABLED"}
            self.server.schedules.append(made)
            self._say(200, made)

    def do_DELETE(self) -> None:
        if not self._is_answered():
            self._change(self.path.rpartition("/")[2], "delete")

    def _change(self, wanted: str, verb: str) -> None:
        found = next(s for s in self.server.schedules if s["recurring_run_id"] == wanted)
        if verb == "delete":
            self.server.schedules.remove(found)
        else:
            found["status"] = {"enable": "ENABLED", "disable": "DISABLED"}[verb]
            found.pop("mode", None)
        self._say(200, {})

    def _list(self, kind: str, query: Mapping[str, str]) -> None:
        if self.server.multi_user and "namespace" not in query:
            self._say(400, _Status(code=3, message="Invalid input error: empty namespace"))
            return
        wanted = None
        if "filter" in query:
            (predicate,) = json.loads(query["filter"])["predicates"]
            assert predicate["operation"] == 1
            assert predicate["key"] == "display_name"
            wanted = predicate["stringValue"]
        if kind == "runs":
            found = [
                self.server.run(run_id, look=False)
                for run_id, name in self.server.named
                if wanted in (None, name)
            ]
        elif kind == "experiments":
            found = [e for e in self.server.experiments if wanted in (None, e.display_name)]
        else:
            found = self.server.schedules
        # Pages are as short as the server likes.
        begin = int(query.get("page_token") or 0)
        size = min(int(query["page_size"]), 2)
        key = "recurringRuns" if kind == "recurringruns" else kind
        token = str(begin + size) if begin + size < len(found) else ""
        self._say(200, {key: found[begin : begin + size], "next_page_token": token})

    def _log(self, name: str) -> None:
        found = self.server.logs.get(name)
        if found is None:
            # The server has sent its 200 before it looks.
            why = f"Failed to read logs from pod {name}"
            found = json.dumps({"error_message": why, "error_details": why + " at line 7"})
        self._send(200, "text/plain", found.encode())

    def _is_answered(self) -> bool:
        time.sleep(self.server.silence)
        headers = dict(self.headers.items())
        self.server.requests.append((self.command, self.path, headers))
        if self.server.answers:
            status, kind, content, more = self.server.answers.pop(0)
            self._send(status, kind, content, more)
            return True
        only = self.server.only
        if only is not None and any(headers.get(key) != value for key, value in only.items()):
            self._send(401, "text/plain", b"Unauthorized")
            return True
        return False

    def _say(self, status: int, model: Any) -> None:
        self._send(status, "application/json", text_of(model))

    def _send(
        self, status: int, kind: str, text: bytes, more: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for key, value in {
            "Content-Type": kind,
            "Content-Length": str(len(text)),
            **(more or {}),
        }.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
