"""Asks a model server over REST; needs no TensorFlow."""

from __future__ import annotations

import base64
import http
import ipaddress
import json
import math
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

import numpy as np
import requests

from serving.clients.url import model_path

TIMEOUT_SECONDS = 60.0
_SHOWN = 300
_IDLE_SECONDS = 1.0
"""A connection that breaks sooner after an answer was in use, and its breaking is told: those who
watch a server under load want to know."""


class ServingError(RuntimeError):
    """The model server refused a request, or answered what no model server answers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"The model server answered {status}: {message}")
        self.status = status
        """HTTP status."""
        self.message = message
        """The server's own words."""


class RestClient:
    """A model on a model server, over connections that are kept open.

    For example::

        client = RestClient("http://localhost:8501", "letters")
        client.predict(images)  # uint8 [n, 28, 28] → n lists of 10 probabilities
        client.predict([png], signature_name="image_bytes")
    """

    def __init__(self, url: str, model_name: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        """Connects with the first request.

        Args:
          url: such as `http://localhost:8501`.
          model_name: name of the model on that server.
          timeout: seconds to wait for a connection, and then for each answer.
        """
        self._url = url.rstrip("/")
        self._model_name = model_name
        self._timeout = timeout
        self._session = requests.Session()
        self._answered = math.inf
        """When the last answer came, by the monotonic clock."""
        # A proxy for the world does not know this machine's loopback.
        self._session.trust_env = not _is_loopback(urllib.parse.urlsplit(url).hostname or "")

    def predict(
        self,
        instances: Any,
        signature_name: str = "serving_default",
        version: int | None = None,
    ) -> Any:
        """Sends one batch.

        Args:
          instances: an array or nested lists whose first dimension is the batch, or a mapping from
            input name to such a thing. bytes objects travel as base64.
          signature_name: which signature to call.
          version: which version to ask; the latest by default.

        Returns:
          for an array one item per instance, a dict by output name where there are several outputs;
          for a mapping the outputs as a whole.

        Raises:
          ServingError: the answer is not a success.
          OSError: there is no answer.
        """
        columns = isinstance(instances, Mapping)
        sent, received = ("inputs", "outputs") if columns else ("instances", "predictions")
        body = {"signature_name": signature_name, sent: instances}
        return self._ask("POST", self._path(version, "predict"), received, body)

    def status(self, version: int | None = None) -> list[dict[str, Any]]:
        """State and status of each version, as GetModelStatusResponse lists them.

        Raises:
          ServingError: the model or the version is unknown.
          OSError: there is no answer.
        """
        found: list[dict[str, Any]] = self._ask("GET", self._path(version), "model_version_status")
        return found

    def metadata(self, version: int | None = None) -> dict[str, Any]:
        """Model spec and signature defs, as GetModelMetadataResponse.

        Raises:
          ServingError: no such version is available.
          OSError: there is no answer.
        """
        found: dict[str, Any] = self._ask("GET", f"{self._path(version)}/metadata")
        return found

    def _path(self, version: int | None, verb: str = "") -> str:
        return model_path(self._model_name, version, verb)

    def _ask(self, method: str, path: str, key: str = "", body: Any = None) -> Any:
        """The member of the answer that the key names; the whole answer without one."""
        data = None if body is None else json.dumps(body, default=_plain).encode()
        response = self._send(method, path, data)
        try:
            # String outputs that are not UTF-8 come as they are (upstream json_tensor.cc).
            document = json.loads(response.content.decode("utf-8", "replace"))
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ServingError(response.status_code, response.text[:_SHOWN])
        if response.status_code != http.HTTPStatus.OK:
            raise ServingError(response.status_code, str(document.get("error", document)))
        if key and key not in document:
            raise ServingError(
                response.status_code,
                f"{response.text[:_SHOWN]} and no {key!r}, so this is no model server;"
                " look at its URL and port",
            )
        return document[key] if key else document

    def _send(self, method: str, path: str, data: bytes | None) -> requests.Response:
        url = self._url + path
        idle = time.monotonic() - self._answered
        try:
            response = self._session.request(method, url, data=data, timeout=self._timeout)
        except requests.exceptions.ConnectionError as error:
            # A server or proxy closes a kept connection that nobody used for a while, and may do so
            # just now. Nothing that is asked here changes anything, so it is asked on a new one.
            if idle < _IDLE_SECONDS or "Connection aborted" not in str(error):
                raise
            response = self._session.request(method, url, data=data, timeout=self._timeout)
        self._answered = time.monotonic()
        return response


def cause(error: BaseException) -> str:
    """Why there was no answer: the innermost of what requests wraps: `Connection refused`."""
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _plain(value: Any) -> Any:
    """What the JSON encoder of the standard library does not know."""
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"A {type(value).__name__} cannot be sent to a model server.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
