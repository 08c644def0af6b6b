"""A stand-in for Kubernetes' API in a dry run: the calls that a step with a TFJob makes.

It answers the official client. What role.yaml does not allow it refuses, as it refuses a TFJob that
the training operator's webhook would.
"""

from __future__ import annotations

import http.server
import json
import re
import threading
import urllib.parse
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.kubeflow.dry_run.training_operator import TrainingOperator
from pipeline.kubeflow.training_job import role
from pipeline.kubeflow.training_job.manifest import GROUP, JOB_LABEL, KIND, PLURAL, VERSION
from pipeline.kubeflow.validation.jobs.tf_job import refusals

Json = dict[str, Any]

POD, NAMESPACE, ACCOUNT = "trainer-pod", "dry-run", "pipeline-runner"
_PATH = re.compile(
    rf"/(?:api/v1|apis/(?P<group>{re.escape(GROUP)})/{VERSION})/namespaces/(?P<namespace>[^/]+)"
    r"/(?P<resource>[a-z]+)(?:/(?P<name>[^/]+))?"
)
_VERBS = {
    ("GET", True): "get",
    ("GET", False): "list",
    ("POST", False): "create",
    ("DELETE", True): "delete",
}


class RefusedError(Exception):
    """What is answered with another status than 200."""

    def __init__(self, status: int, reason: str, message: str):
        super().__init__(message)
        self.status, self.reason = status, reason


class KubernetesApi:
    """Serves on loopback until it is closed.

    Args:
      operator: who does the jobs that are made.
      host: address of the pod that asks.
      rules: of the role under which it does.
    """

    def __init__(
        self,
        operator: TrainingOperator,
        host: str = "127.0.0.1",
        rules: list[Mapping[str, Any]] | None = None,
    ):
        self._operator, self._host = operator, host
        self._rules = role.rules() if rules is None else rules
        self._token = uuid.uuid4().hex
        self._uid = str(uuid.uuid4())
        self._secrets: dict[str, Json] = {}
        self._jobs: dict[str, Json] = {}
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.called: set[tuple[str, str, str]] = set()
        """Group, resource and verb of what was asked."""
        # The end of a dry run waits for this server to look whether it shall end.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    def write_config(self, file: Path) -> None:
        """Writes a KUBECONFIG with which the official client asks this server."""
        names = {"cluster": "dry-run", "user": "dry-run", "namespace": NAMESPACE}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "dry-run", "cluster": {"server": self.address}}],
            "users": [{"name": "dry-run", "user": {"token": self._token}}],
            "contexts": [{"name": "dry-run", "context": names}],
            "current-context": "dry-run",
        }
        file.write_text(yaml.safe_dump(config))

    def close(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, method: str, path: str, token: str, body: bytes) -> Json:
        """What Kubernetes answers.

        Raises:
          RefusedError: it refuses.
        """
        found = urllib.parse.urlsplit(path)
        place = _PATH.fullmatch(found.path)
        if token != f"Bearer {self._token}":
            raise RefusedError(401, "Unauthorized", "Unauthorized")
        verb = _VERBS.get((method, bool(place and place["name"])))
        if place is None or verb is None:
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        asked = (place["group"] or "", place["resource"], verb)
        self.called.add(asked)
        if place["namespace"] != NAMESPACE or not role.allows(self._rules, *asked):
            what = f'cannot {verb} resource "{asked[1]}" in API group "{asked[0]}"'
            raise RefusedError(
                403, "Forbidden", f'{asked[1]} is forbidden: User "{ACCOUNT}" {what}'
            )
        answer = _ANSWERS.get(asked)
        if answer is None:
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        query = dict(urllib.parse.parse_qsl(found.query))
        with self._lock:
            return answer(self, place["name"] or query.get("labelSelector", ""), body)

    def _pod(self, name: str, body: bytes) -> Json:
        if name != POD:
            raise RefusedError(404, "NotFound", f'pods "{name}" not found')
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": POD, "namespace": NAMESPACE, "uid": self._uid},
            "spec": {"containers": [{"name": "main"}], "serviceAccountName": ACCOUNT},
            "status": {"phase": "Running", "podIP": self._host},
        }

    def _pods(self, selector: str, body: bytes) -> Json:
        job = selector.removeprefix(f"{JOB_LABEL}=")
        pods = self._operator.pods(job) if job in self._jobs else []
        return {"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": pods}

    def _make_secret(self, name: str, body: bytes) -> Json:
        secret = _object(body, "Secret", self._secrets)
        self._secrets[secret["metadata"]["name"]] = secret
        return secret

    def _make_job(self, name: str, body: bytes) -> Json:
        job = _object(body, KIND, self._jobs)
        refused = refusals(job)
        if refused:
            raise RefusedError(422, "Invalid", f"TFJob is invalid: {'; '.join(refused)}")
        try:
            self._operator.begin(job, self._secrets)
        except OSError as error:
            raise RefusedError(500, "InternalError", str(error)) from error
        self._jobs[job["metadata"]["name"]] = job
        return job

    def _job(self, name: str, body: bytes) -> Json:
        if name not in self._jobs:
            raise RefusedError(404, "NotFound", f'{PLURAL}.{GROUP} "{name}" not found')
        return {**self._jobs[name], "status": self._operator.status(name)}

    def _delete_job(self, name: str, body: bytes) -> Json:
        self._job(name, body)
        self._operator.end(name)
        del self._jobs[name]
        return {"apiVersion": "v1", "kind": "Status", "status": "Success"}


_ANSWERS: Mapping[tuple[str, str, str], Callable[[KubernetesApi, str, bytes], Json]] = {
    ("", "pods", "get"): KubernetesApi._pod,
    ("", "pods", "list"): KubernetesApi._pods,
    ("", "secrets", "create"): KubernetesApi._make_secret,
    (GROUP, PLURAL, "create"): KubernetesApi._make_job,
    (GROUP, PLURAL, "get"): KubernetesApi._job,
    (GROUP, PLURAL, "delete"): KubernetesApi._delete_job,
}


def _object(body: bytes, kind: str, known: Mapping[str, Json]) -> Json:
    try:
        made: Json = json.loads(body)
        name = made["metadata"]["name"]
    except (ValueError, TypeError, KeyError) as error:
        raise RefusedError(400, "BadRequest", f"the object is no {kind}") from error
    if made.get("kind") != kind:
        raise RefusedError(400, "BadRequest", f"the object is a {made.get('kind')}, no {kind}")
    if name in known:
        raise RefusedError(409, "AlreadyExists", f'"{name}" already exists')
    made["metadata"] |= {"uid": str(uuid.uuid4()), "namespace": NAMESPACE}
    return made


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: KubernetesApi

    def log_message(self, format: str, *args: Any) -> None:
        """The log is the step's."""

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = self.headers.get("Authorization", "")
        status = 200
        try:
            found = self.api.answer(self.command, self.path, token, body)
        except RefusedError as error:
            status = error.status
            found = {
                **{"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": status},
                **{"reason": error.reason, "message": str(error)},
            }
        written = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def do_GET(self) -> None:
        self._any()

    def do_POST(self) -> None:
        self._any()

    def do_DELETE(self) -> None:
        self._any()
