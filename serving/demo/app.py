"""The demo's own small web server: the page, the test images, and requests passed on to the model.

The page never talks to the model server itself, so that it needs no other origin than its own.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from serving import pictures, signatures
from serving.client import RestClient, ServingError
from serving.site import LARGEST_BODY, Site, static_file

SIGNATURE = "image_bytes"

_FOLDER = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Demo:
    """What the demo shows: a model on a model server."""

    rest_url: str
    model_name: str
    backend: str
    """Which model server answers, for people."""
    labels: Callable[[int], Sequence[str]]
    """Names of the labels of a version; empty when nobody wrote them down."""

    @property
    def client(self) -> RestClient:
        """A client for one request: sessions are not made for several threads."""
        return RestClient(self.rest_url, self.model_name)


class App(Site):
    """The WSGI application."""

    urls = Map(
        [
            Rule("/", endpoint="page", methods=["GET"]),
            Rule("/static/<name>", endpoint="static", methods=["GET"]),
            Rule("/pictures/<name>", endpoint="picture", methods=["GET"]),
            Rule("/api/model", endpoint="model", methods=["GET"]),
            Rule("/api/predict", endpoint="predict", methods=["POST"]),
        ]
    )

    def __init__(self, demo: Demo, hosts: Iterable[str]) -> None:
        """Serves `demo` to browsers that call this server by one of `hosts`."""
        super().__init__(hosts)
        self._demo = demo

    def refuse(self, request: Request, status: int, message: str) -> Response:
        return _json({"error": message}, status)

    def fail(self, request: Request, error: Exception) -> Response:
        if isinstance(error, ServingError):
            return self.refuse(request, 502, str(error))
        if isinstance(error, requests.RequestException):
            return self.refuse(request, 502, f"No model server answers at {self._demo.rest_url}.")
        if isinstance(error, ValueError):
            return self.refuse(request, 400, str(error))
        raise error

    def on_page(self, request: Request) -> Response:
        return static_file(_FOLDER / "static", "page.html")

    def on_static(self, request: Request, name: str) -> Response:
        return static_file(_FOLDER / "static", name)

    def on_picture(self, request: Request, name: str) -> Response:
        return static_file(_FOLDER / "pictures", name)

    def on_model(self, request: Request) -> Response:
        names = sorted(file.name for file in (_FOLDER / "pictures").iterdir())
        return _json(
            {
                "model": self._demo.model_name,
                "backend": self._demo.backend,
                "versions": _available(self._demo.client.status()),
                "pictures": [name for name in names if name.endswith(".png")],
            }
        )

    def on_predict(self, request: Request) -> Response:
        try:
            content = pictures.checked(request.get_data(), "What was sent")
        except RequestEntityTooLarge as error:
            raise RequestEntityTooLarge(
                f"Images of more than {LARGEST_BODY >> 20} MiB are not taken."
            ) from error
        wanted = request.args.get("version", type=int)
        version = wanted or max(_available(self._demo.client.status()), default=None)
        start = time.perf_counter()
        answer = self._demo.client.predict([content], SIGNATURE, version)[0]
        milliseconds = (time.perf_counter() - start) * 1e3
        return _json(
            {
                "label": answer["label"],
                "score": answer["score"],
                "scores": _named(answer["probabilities"], version, self._demo.labels),
                "version": version,
                "milliseconds": round(milliseconds, 1),
                "curl": signatures.curl(
                    self._demo.rest_url, self._demo.model_name, version, SIGNATURE, content
                ),
            }
        )


def _available(status: Iterable[Mapping[str, Any]]) -> list[int]:
    """Numbers of the versions that answer, newest first."""
    return sorted(
        (int(state["version"]) for state in status if state["state"] == "AVAILABLE"), reverse=True
    )


def _named(
    scores: Sequence[float], version: int | None, labels: Callable[[int], Sequence[str]]
) -> list[dict[str, Any]]:
    names = labels(version) if version else ()
    if len(names) != len(scores):
        names = [f"label {index}" for index in range(len(scores))]
    return [{"label": n, "score": s} for n, s in zip(names, scores, strict=True)]


def _json(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document), status, mimetype="application/json")
