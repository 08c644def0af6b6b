"""Pipelines of Vertex AI, through Google's client over REST; logs are Cloud Logging's."""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from documents.settings.section import short
from pipeline.kubeflow.remote.cron import WhenError
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.job import Job
from pipeline.kubeflow.remote.run import Node, Run
from pipeline.kubeflow.remote.schedule import Schedule, When
from pipeline.kubeflow.remote.vertex_job import read_job, read_schedule

LOGGING = "https://logging.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_LOGIN = (
    "log in with `gcloud auth application-default login`, or name a service account's key in "
    "GOOGLE_APPLICATION_CREDENTIALS"
)
_MOST_LINES = 100_000


class Vertex:
    """A Service. Needs google-cloud-aiplatform, which TFX installs."""

    def __init__(
        self,
        project: str,
        region: str,
        *,
        token: str | None = None,
        host: str | None = None,
        logging_host: str | None = None,
        timeout: float = 60.0,
    ):
        """Args:
        token: an access token; else the application default credentials are taken.
        host: another endpoint than the region's, e.g. a private one.
        """
        from google.cloud import aiplatform_v1 as api  # A second, and only Vertex needs it.

        self._api = api
        self._host = host or f"https://{region}-aiplatform.googleapis.com"
        self._logging = logging_host or LOGGING
        self._project, self._region, self._timeout = project, region, timeout
        self._parent = f"projects/{project}/locations/{region}"
        self._credentials = _credentials(token)
        options: Any = {"api_endpoint": self._host}
        self._jobs: Any = api.PipelineServiceClient(
            credentials=self._credentials, transport="rest", client_options=options
        )
        self._schedules: Any = api.ScheduleServiceClient(
            credentials=self._credentials, transport="rest", client_options=options
        )

    def submit(self, job: Job) -> Run:
        with self._errors():
            made = self._jobs.create_pipeline_job(
                parent=self._parent,
                pipeline_job=self._job(job),
                pipeline_job_id=_job_id(job.name),
                timeout=self._timeout,
            )
        return self._read(made)

    def run(self, wanted: str) -> Run:
        if re.fullmatch(r"[a-z0-9][-a-z0-9]*", wanted):
            try:
                with self._errors():
                    return self._read(
                        self._jobs.get_pipeline_job(
                            name=f"{self._parent}/pipelineJobs/{wanted}", timeout=self._timeout
                        )
                    )
            except RemoteError as error:
                if error.status != 404:
                    raise
        quoted = wanted.replace("\\", "\\\\").replace('"', '\\"')
        for found in self._list(1, filter=f'display_name="{quoted}"'):
            return self.run(found.id) if found.id != wanted else found
        raise RemoteError(
            f"{self._parent} has no run with id or name {short(wanted)!r}; see `kubeflow_runner.py "
            "runs`."
        )

    def runs(self, most: int) -> Sequence[Run]:
        return self._list(most)

    def log(self, run: Run, node: Node) -> Iterator[str]:
        if not node.logs:
            raise RemoteError(f"{node.name} has no job yet, so no log.")
        seen, token = 0, ""
        while seen < _MOST_LINES:
            answer = self._entries(node.logs[0], token)
            for entry in answer.get("entries") or ():
                seen += 1
                payload = entry.get("jsonPayload")
                text = entry.get("textPayload") or (
                    payload.get("message") if isinstance(payload, Mapping) else ""
                )
                yield from str(text or "").splitlines()
            token = answer.get("nextPageToken") or ""
            if not token:
                return

    def schedule(self, job: Job, when: When) -> Schedule:
        if when.cron is None:
            raise RemoteError("Vertex AI knows no intervals; give --cron instead of --every.")
        if when.catch_up:
            raise RemoteError(
                "Vertex AI catches up only when a schedule resumes; leave --catch-up out."
            )
        try:
            cron = when.cron.five_fields
        except WhenError as error:
            raise RemoteError(str(error)) from error
        request = self._api.CreatePipelineJobRequest(
            parent=self._parent, pipeline_job=self._job(job)
        )
        made = self._api.Schedule(
            display_name=job.name,
            cron=cron,
            max_concurrent_run_count=when.max_concurrency,
            create_pipeline_job_request=request,
        )
        with self._errors():
            created = self._schedules.create_schedule(
                parent=self._parent, schedule=made, timeout=self._timeout
            )
        return read_schedule(_json(created))

    def schedules(self) -> Sequence[Schedule]:
        with self._errors():
            return [
                read_schedule(_json(found))
                for found in self._schedules.list_schedules(
                    request={"parent": self._parent, "order_by": "create_time desc"},
                    timeout=self._timeout,
                )
            ]

    def pause(self, schedule: Schedule) -> None:
        with self._errors():
            self._schedules.pause_schedule(name=self._name(schedule), timeout=self._timeout)

    def resume(self, schedule: Schedule) -> None:
        with self._errors():
            self._schedules.resume_schedule(name=self._name(schedule), timeout=self._timeout)

    def delete(self, schedule: Schedule) -> None:
        with self._errors():
            self._schedules.delete_schedule(
                name=self._name(schedule), timeout=self._timeout
            ).result(timeout=self._timeout)

    def _name(self, schedule: Schedule) -> str:
        return f"{self._parent}/schedules/{schedule.id}"

    def _job(self, job: Job) -> Any:
        config = self._api.PipelineJob.RuntimeConfig(
            gcs_output_directory=job.pipeline_root or "", parameter_values=dict(job.parameters)
        )
        return self._api.PipelineJob(
            display_name=job.name,
            pipeline_spec=dict(job.documents.spec),
            runtime_config=config,
            service_account=job.service_account or "",
        )

    def _list(self, most: int, **query: Any) -> list[Run]:
        request = {
            "parent": self._parent,
            "order_by": "create_time desc",
            "page_size": min(most, 100),
            **query,
        }
        found: list[Run] = []
        with self._errors():
            for job in self._jobs.list_pipeline_jobs(request=request, timeout=self._timeout):
                found.append(self._read(job))
                if len(found) >= most:
                    break
        return found

    def _read(self, job: Any) -> Run:
        document = _json(job)
        name = str(document.get("name") or "").rpartition("/")[2]
        page = (
            "https://console.cloud.google.com/vertex-ai/locations/"
            f"{self._region}/pipelines/runs/{name}?project={self._project}"
        )
        return read_job(document, page)

    def _entries(self, job: str, token: str) -> dict[str, Any]:
        from google.auth.transport.requests import AuthorizedSession

        query = {
            "resourceNames": [f"projects/{self._project}"],
            "filter": f'resource.type="ml_job" AND resource.labels.job_id="{job}"',
            "orderBy": "timestamp asc",
            "pageSize": 1000,
            **({"pageToken": token} if token else {}),
        }
        with self._errors(), AuthorizedSession(self._credentials) as session:
            response = session.post(
                f"{self._logging}/v2/entries:list", json=query, timeout=self._timeout
            )
            if response.status_code != 200:
                raise RemoteError(
                    f"Cloud Logging answered {response.status_code}: {_said(response)}.",
                    status=response.status_code,
                    passing=response.status_code >= 500,
                )
            answer = response.json()
        return answer if isinstance(answer, dict) else {}

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Google's client raises errors of three libraries."""
        from google.api_core import exceptions
        from google.auth.exceptions import GoogleAuthError
        from google.protobuf.json_format import ParseError

        try:
            yield
        except exceptions.GoogleAPICallError as error:
            raise _refused(self._host, self._parent, error) from error
        except GoogleAuthError as error:
            raise RemoteError(f"Google gives no login: {_line(error)}; {_LOGIN}.") from error
        except (ParseError, requests.exceptions.JSONDecodeError) as error:
            raise RemoteError(
                f"{self._host} answered what is no JSON of Vertex AI; look at --region and --host."
            ) from error
        except requests.RequestException as error:
            raise RemoteError(
                f"Cannot reach Vertex AI at {self._host}: {_line(error)}; look at --region and the "
                "network.",
                passing=True,
            ) from error


def _credentials(token: str | None) -> Any:
    import google.auth
    from google.auth.exceptions import GoogleAuthError
    from google.oauth2.credentials import Credentials

    if token:
        return Credentials(token)  # type: ignore[no-untyped-call]
    try:
        found, _ = google.auth.default(scopes=[_SCOPE])
    except GoogleAuthError as error:
        raise RemoteError(f"Google gives no login: {_line(error)}; {_LOGIN}.") from error
    return found


def _refused(host: str, parent: str, error: Any) -> RemoteError:
    status = int(error.code) if error.code else None
    hints = {
        401: _LOGIN,
        403: f"ask for the role Vertex AI User in {parent}",
        404: "look at --project and --region",
    }
    hint = f"; {hints[status]}" if status in hints else ""
    passing = status is not None and (status in (408, 429) or status >= 500)
    # Over REST the client puts its request in front.
    message = re.sub(r"^[A-Z]+ https?://\S+: ", "", str(error.message))
    said = short(" ".join(message.split()), 300).rstrip(".")
    return RemoteError(f"{host} answered {status}: {said}{hint}.", status=status, passing=passing)


def _job_id(name: str) -> str:
    """Lower-case letters, digits and dashes, at most 128, beginning with a letter."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    plain = plain if plain[:1].isalpha() else f"run-{plain}".rstrip("-")
    moment = datetime.datetime.now(datetime.timezone.utc)
    return f"{plain[:100]}-{moment:%Y%m%d%H%M%S}"


def _json(message: Any) -> dict[str, Any]:
    from google.protobuf.json_format import MessageToDict

    document: dict[str, Any] = MessageToDict(
        type(message).pb(message), preserving_proto_field_name=True
    )
    return document


def _line(error: Exception) -> str:
    return short(" ".join(str(error).split()), 200).rstrip(".")


def _said(response: requests.Response) -> str:
    try:
        return short(response.json()["error"]["message"], 300).rstrip(".")
    except (ValueError, KeyError, TypeError):
        return short(" ".join(response.text.split()), 200)
