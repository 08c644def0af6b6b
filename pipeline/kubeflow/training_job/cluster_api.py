"""What the step asks of Kubernetes, through its official client; role.yaml allows just this."""

from __future__ import annotations

import http
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from documents.settings.section import short
from pipeline.kubeflow.training_job.manifest import GROUP, JOB_LABEL, PLURAL, VERSION

Json = dict[str, Any]

_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_TIMEOUT = (10, 60)
"""Seconds to connect, and to be answered."""
ROLE = "pipeline/kubeflow/training_job/role.yaml"
_PASSING = frozenset({404, 408, 409, 410, 425, 429})
"""Answers below 500 that another attempt may get another of."""


class ApiError(RuntimeError):
    """Kubernetes refused a call, or could not be asked.

    Attributes:
      status: of the answer; None where there was none.
    """

    def __init__(self, sentence: str, status: int | None):
        super().__init__(sentence)
        self.status = status

    @property
    def may_pass(self) -> bool:
        """Whether it is worth another attempt."""
        return self.status is None or self.status in _PASSING or self.status >= 500


class ClusterApi:
    """Kubernetes as a pod of a pipeline sees it, or as KUBECONFIG says.

    Raises:
      ApiError: this process runs in no cluster.
    """

    def __init__(self) -> None:
        # It takes a second, which no other step has to pay.
        import kubernetes

        file = os.environ.get("KUBECONFIG")
        try:
            if file:
                kubernetes.config.load_kube_config(config_file=file)
                self.namespace = _from_context(file)
            else:
                kubernetes.config.load_incluster_config()
                self.namespace = _NAMESPACE.read_text().strip()
        except (kubernetes.config.ConfigException, OSError) as error:
            raise ApiError(
                f"The Trainer's replicas are made by its pod, and this is none that may ask"
                f" Kubernetes ({short(str(error))}): run the compiled file on open-source Kubeflow,"
                " or dry-run it.",
                None,
            ) from error
        self._core = kubernetes.client.CoreV1Api()
        self._custom = kubernetes.client.CustomObjectsApi()

    def pod(self, name: str) -> Json:
        call = self._core.read_namespaced_pod
        return self._asked("get pods", lambda: call(name, self.namespace, **_WITHIN))

    def pods_of(self, job: str) -> list[Json]:
        call, chosen = self._core.list_namespaced_pod, f"{JOB_LABEL}={job}"
        found = self._asked(
            "list pods", lambda: call(self.namespace, label_selector=chosen, **_WITHIN)
        )
        return list(found.get("items") or ())

    def make_secret(self, secret: Json) -> None:
        call = self._core.create_namespaced_secret
        self._asked("create secrets", lambda: call(self.namespace, secret, **_WITHIN))

    def make(self, job: Json) -> Json:
        call = self._custom.create_namespaced_custom_object
        return self._asked(
            "create tfjobs",
            lambda: call(GROUP, VERSION, self.namespace, PLURAL, job, **_WITHIN),
        )

    def job(self, name: str) -> Json:
        call = self._custom.get_namespaced_custom_object
        return self._asked(
            "get tfjobs", lambda: call(GROUP, VERSION, self.namespace, PLURAL, name, **_WITHIN)
        )

    def delete(self, name: str) -> None:
        call = self._custom.delete_namespaced_custom_object
        self._asked(
            "delete tfjobs", lambda: call(GROUP, VERSION, self.namespace, PLURAL, name, **_WITHIN)
        )

    def _asked(self, what: str, call: Callable[[], Any]) -> Json:
        import kubernetes
        import urllib3

        try:
            # Its own classes have other names for fields; the JSON is what everybody documents.
            found: Json = kubernetes.client.ApiClient().sanitize_for_serialization(call())
        except kubernetes.client.ApiException as error:
            raise ApiError(self._sentence(what, error.status, error.body), error.status) from (
                error
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            why = short(str(error), 200)
            sentence = f"Kubernetes cannot be asked to {what} ({why}): run the step again."
            raise ApiError(sentence, None) from error
        return found

    def _sentence(self, what: str, status: int, body: Any) -> str:
        said = short(_message(status, body), 300).rstrip(".")
        if status in (401, 403):
            mend = f"let the step's service account do it with `kubectl apply -f {ROLE}`"
        elif status == 404 and what == "create tfjobs":
            mend = (
                "this cluster has no TFJobs; install version 1 of the training operator, or leave"
                " kubeflow.replicas out"
            )
        elif status in (400, 422):
            mend = "mend `kubeflow` in the settings, and compile again"
        else:
            mend = "run the step again"
        return f"Kubernetes does not {what} in {self.namespace} ({status}: {said}): {mend}."


_WITHIN = {"_request_timeout": _TIMEOUT}


def _from_context(file: str) -> str:
    import kubernetes

    _, active = kubernetes.config.list_kube_config_contexts(config_file=file)
    return str(active["context"].get("namespace") or "default")


def _message(status: int, body: Any) -> str:
    """Of a Status, as Kubernetes answers; a proxy answers with anything."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, TypeError, KeyError):
        return http.HTTPStatus(status).phrase if status in set(http.HTTPStatus) else "no reason"
