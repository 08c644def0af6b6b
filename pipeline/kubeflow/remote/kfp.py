"""Open-source Kubeflow Pipelines 2.x, through its HTTP API v2beta1."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from documents.settings.section import short
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.job import Job
from pipeline.kubeflow.remote.kfp_run import read_run
from pipeline.kubeflow.remote.run import Node, Run, parse_time
from pipeline.kubeflow.remote.schedule import Schedule, When
from pipeline.kubeflow.remote.web import Web
from pipeline.kubeflow.validation.documents import mapping

API = "/apis/v2beta1"
_PAGE = 100
_MOST = 10_000
"""Schedules or runs of one name that are looked through."""


class KubeflowPipelines:
    """A Service."""

    def __init__(self, web: Web, namespace: str | None = None):
        """Args:
        namespace: of the user, where each has one; others need none.
        """
        self._web = web
        self._namespace = namespace
        self._multi_user: bool | None = None

    def submit(self, job: Job) -> Run:
        body = {
            **self._work(job),
            "experiment_id": self._experiment(job.experiment),
        }
        return self._read(self._web.post(f"{API}/runs", body))

    def run(self, wanted: str) -> Run:
        self._scope()
        try:
            return self._read(self._web.get(f"{API}/runs/{quote(wanted, safe='')}"))
        except RemoteError as error:
            if error.status not in (400, 404):
                raise
        query = {**self._scope(), "filter": _named(wanted), "sort_by": "created_at desc"}
        for found in self._pages("runs", query, 1):
            # The list may leave the nodes out.
            return self._read(self._web.get(f"{API}/runs/{quote(str(found['run_id']), safe='')}"))
        raise RemoteError(
            f"{self._web.host} has no run with id or name {short(wanted)!r}; see "
            "`kubeflow_runner.py runs`."
        )

    def runs(self, most: int) -> Sequence[Run]:
        query = {**self._scope(), "sort_by": "created_at desc"}
        return [read_run(found) for found in self._pages("runs", query, most)]

    def log(self, run: Run, node: Node) -> Iterator[str]:
        problem: RemoteError | None = None
        for pod in node.logs:
            for path, query in self._places(run, pod):
                try:
                    lines = _without_errors(self._web.lines(path, query))
                    first = next(lines, None)
                except RemoteError as error:
                    if error.status in (401, 403):
                        raise
                    problem = problem or error
                    continue
                if first is not None:
                    yield first
                    yield from lines
                return
        if not node.logs:
            raise RemoteError(f"{node.name} has no pod yet, so no log.")
        raise RemoteError(
            f"There is no log of {node.name}: {str(problem).rstrip('.')}; its pod may be gone, or "
            f"not begun: look with `kubectl logs {node.logs[0]} -c main`."
        )

    def schedule(self, job: Job, when: When) -> Schedule:
        if when.cron:
            trigger: dict[str, Any] = {"cron_schedule": {"cron": when.cron.text}}
        else:
            trigger = {"periodic_schedule": {"interval_second": str(when.every)}}
        body = {
            **self._work(job),
            "experiment_id": self._experiment(job.experiment),
            "mode": "ENABLE",
            "trigger": trigger,
            "max_concurrency": str(when.max_concurrency),
            "no_catchup": not when.catch_up,
        }
        made = self._web.post(f"{API}/recurringruns", body)
        self._demand(made, "recurring_run_id")
        return read_schedule(made)

    def schedules(self) -> Sequence[Schedule]:
        query = {**self._scope(), "sort_by": "created_at desc"}
        return [read_schedule(found) for found in self._pages("recurringruns", query, _MOST)]

    def pause(self, schedule: Schedule) -> None:
        self._web.post(f"{API}/recurringruns/{quote(schedule.id, safe='')}:disable")

    def resume(self, schedule: Schedule) -> None:
        self._web.post(f"{API}/recurringruns/{quote(schedule.id, safe='')}:enable")

    def delete(self, schedule: Schedule) -> None:
        self._web.delete(f"{API}/recurringruns/{quote(schedule.id, safe='')}")

    def _work(self, job: Job) -> dict[str, Any]:
        config: dict[str, Any] = {"parameters": dict(job.parameters)}
        if job.pipeline_root:
            config["pipeline_root"] = job.pipeline_root
        made = {
            "display_name": job.name,
            "pipeline_spec": job.sent_to_kfp(),
            "runtime_config": config,
        }
        return {**made, "service_account": job.service_account} if job.service_account else made

    def _experiment(self, name: str) -> str:
        """The id; it is made where there is none."""
        scope = self._scope()
        query = {**scope, "filter": _named(name)}
        for found in self._pages("experiments", query, 1):
            return str(found.get("experiment_id"))
        made = self._web.post(f"{API}/experiments", {"display_name": name, **scope})
        return str(made.get("experiment_id"))

    def _scope(self) -> dict[str, str]:
        """The namespace, where the server keeps users apart; others refuse or ignore one."""
        if self._multi_user is None:
            self._multi_user = self._asks_for_namespace()
        if not self._multi_user:
            return {}
        if not self._namespace:
            raise RemoteError(
                f"{self._web.host} keeps users in namespaces of their own; name yours with "
                "--namespace."
            )
        return {"namespace": self._namespace}

    def _asks_for_namespace(self) -> bool:
        try:
            return self._web.get(f"{API}/healthz").get("multi_user") is True
        except RemoteError as error:
            if error.status == 404:
                return False
            if error.status is None and not error.passing and self._is_old():
                raise RemoteError(
                    f"{self._web.host} speaks the API v1beta1 only, of Kubeflow Pipelines 1; the "
                    "pipeline needs 2.0 or later."
                ) from error
            raise

    def _is_old(self) -> bool:
        try:
            self._web.get("/apis/v1beta1/healthz")
        except RemoteError:
            return False
        return True

    def _pages(self, kind: str, query: Mapping[str, Any], most: int) -> Iterator[Mapping[str, Any]]:
        token, seen = "", 0
        while seen < most:
            size = min(_PAGE, most - seen)
            answer = self._web.get(
                f"{API}/{kind}", {**query, "page_size": size, "page_token": token}
            )
            key = "recurringRuns" if kind == "recurringruns" else kind
            found = answer.get(key)
            for one in (found if isinstance(found, list) else [])[: most - seen]:
                seen += 1
                if isinstance(one, Mapping):
                    yield one
            following = str(answer.get("next_page_token") or "")
            if not following or following == token:
                return
            token = following

    def _places(self, run: Run, pod: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Where a log may be read: from the API itself, or from the web interface before it."""
        yield f"/apis/v1alpha1/runs/{quote(run.id, safe='')}/nodes/{quote(pod, safe='')}/log", {}
        created = run.created.date().isoformat() if run.created else None
        query = {"podname": pod, "runid": run.id, "createdat": created}
        yield "/k8s/pod/logs", {**query, "podnamespace": self._scope().get("namespace")}

    def _read(self, document: Mapping[str, Any]) -> Run:
        if "error" in document and not document.get("state"):
            said = short(mapping(document, "error").get("message"), 200).rstrip(".")
            raise RemoteError(f"{self._web.host} cannot tell of the run: {said}.", passing=True)
        self._demand(document, "run_id")
        return read_run(document, self._page(str(document["run_id"])))

    def _demand(self, document: Mapping[str, Any], key: str) -> None:
        """An object of something else is no answer."""
        if not document.get(key):
            raise RemoteError(
                f"{self._web.host} answered without a {key}; look whether --host is the API of "
                "Kubeflow Pipelines."
            )

    def _page(self, run_id: str) -> str | None:
        """In the web interface, where the API is behind it; a forwarded port has none."""
        host = os.environ.get("KF_PIPELINES_UI_ENDPOINT") or self._web.host
        if host.endswith("/pipeline") or "KF_PIPELINES_UI_ENDPOINT" in os.environ:
            return f"{host.rstrip('/')}/#/runs/details/{run_id}"
        return None


def read_schedule(document: Mapping[str, Any]) -> Schedule:
    """The schedule in an answer of `recurringruns`; tolerates what is not there."""
    trigger = mapping(document, "trigger")
    cron = mapping(trigger, "cron_schedule").get("cron")
    every = mapping(trigger, "periodic_schedule").get("interval_second")
    most = str(document.get("max_concurrency") or "")
    error = mapping(document, "error").get("message")
    return Schedule(
        id=str(document.get("recurring_run_id") or ""),
        name=str(document.get("display_name") or ""),
        active=document.get("status") == "ENABLED" or document.get("mode") == "ENABLE",
        when=f"cron {cron}" if cron else f"every {every} s" if every else "never",
        max_concurrency=int(most) if most.isascii() and most.isdigit() else None,
        catch_up=not document.get("no_catchup", False),
        created=parse_time(document.get("created_at")),
        root=mapping(document, "runtime_config").get("pipeline_root") or None,
        error=short(error, 300) if error else None,
    )


def _named(name: str) -> str:
    # The operation is EQUALS; kfp's client writes numbers too.
    predicate = {"operation": 1, "key": "display_name", "stringValue": name}
    return json.dumps({"predicates": [predicate]})


def _without_errors(lines: Iterator[str]) -> Iterator[str]:
    """The server has sent its 200 before it looks for the log, so an error comes as text."""
    for line in lines:
        if line.startswith('{"error_message"') or line.startswith('{"error_details"'):
            try:
                said = json.loads(line)
            except ValueError:
                said = None
            if isinstance(said, dict) and {"error_message", "error_details"} <= said.keys():
                reason = " ".join(str(said["error_message"]).split())
                raise RemoteError(short(reason, 200))
        yield line
