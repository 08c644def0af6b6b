"""Confirms a push: the model server that watches the base path has to serve the new version."""

from __future__ import annotations

import dataclasses
import http
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from components.pusher.reference_request import ReferenceRequest, read_reference_request
from components.serving_check.options import parse_options
from serving.clients.rest_client import RestClient, ServingError, cause

POLL_SECONDS = 0.25
REQUEST_SECONDS = 10.0
_BUSY = (
    http.HTTPStatus.TOO_MANY_REQUESTS,
    http.HTTPStatus.SERVICE_UNAVAILABLE,
    http.HTTPStatus.GATEWAY_TIMEOUT,
)


class ConfirmError(RuntimeError):
    """A push cannot be confirmed, or what it found cannot be mended."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """What one look at a server says about a version."""

    problem: str | None
    """None when the version is served and answers as it should."""
    final: bool
    """Whether looking again may not change it."""


def judge_states(states: Sequence[Mapping[str, Any]], url: str) -> Finding | None:
    """Reads the status of a version; None when it is AVAILABLE, so that it can be asked. Pure."""
    if any(state["state"] == "AVAILABLE" for state in states):
        return None
    for state in states:
        error = state.get("status", {}).get("error_message")
        if state["state"] == "END" and error:
            return Finding(f"the model server at {url} gave it up: {error}", final=True)
    found = ", ".join(state["state"] for state in states) or "unknown"
    return Finding(f"its state at {url} is {found}", final=False)


class Confirmation:
    """Looks at one model on one model server."""

    def __init__(
        self, url: str, model_name: str, seconds: float, reference: ReferenceRequest
    ) -> None:
        """Asks nothing yet.

        Args:
          url: of the server's REST API.
          model_name: the model's name there.
          seconds: how long to wait for a version.
          reference: what it has to answer.
        """
        self.url = url
        self._seconds = seconds
        self._reference = reference
        self._client = RestClient(url, model_name, timeout=min(seconds, REQUEST_SECONDS))

    def check_reachable(self) -> None:
        """Returns when a model server answers, whatever it says about the model.

        Raises:
          ConfirmError: none does.
        """
        try:
            self._client.status()
        except ServingError:
            pass  # The model may be new to it.
        except OSError as error:
            raise ConfirmError(
                f"No model server answers at push.confirm_url = {self.url} ({cause(error)}), so"
                " nothing was published; start it, or set push.confirm_url to null."
            ) from error

    def problem(self, number: int) -> str | None:
        """Waits until a version is served and answers as it should.

        Returns:
          None once it does; otherwise why it does not, at the latest after the time to wait.
        """
        logging.getLogger("progress").info("waiting for version %d at %s", number, self.url)
        deadline = time.monotonic() + self._seconds
        while True:
            finding = self._look(number)
            if finding.final:
                return finding.problem
            if time.monotonic() > deadline:
                return f"{finding.problem} after {self._seconds:g} s"
            time.sleep(POLL_SECONDS)

    def _look(self, number: int) -> Finding:
        try:
            finding = judge_states(self._client.status(number), self.url)
            return finding or self._ask(number)
        except ServingError as error:
            # Unknown until the server looks at its base path again.
            return Finding(f"the model server at {self.url} says: {error.message}", final=False)
        except OSError as error:
            return Finding(f"nothing answers at {self.url} ({cause(error)})", final=False)

    def _ask(self, number: int) -> Finding:
        try:
            predictions = self._client.predict(
                self._reference.instances, self._reference.signature, version=number
            )
        except ServingError as error:
            refused = f"{self.url} refuses reference requests: {error.message}"
            return Finding(refused, final=error.status not in _BUSY)
        return Finding(self._reference.problem(predictions), final=True)


def confirmation_of(config: Mapping[str, Any], model: str) -> Confirmation | None:
    """What `custom_config` of a Pusher asks for; None when nothing has to be confirmed.

    Args:
      config: `model_name`, and `confirm` with `url`, `seconds` and the serving check's `options`.
      model: folder of the Model artifact.

    Raises:
      MissingReferenceError: the model comes without reference.
    """
    confirm = config.get("confirm")
    if not confirm:
        return None
    reference = read_reference_request(model, parse_options(confirm["options"]))
    return Confirmation(confirm["url"], config["model_name"], confirm["seconds"], reference)
