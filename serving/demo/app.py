"""The demo's own small web server: the page, the test images, and requests passed on to the model.

The page never talks to the model server itself, so that it needs no other origin than its own.
"""

from __future__ import annotations

import dataclasses
import importlib.resources
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import requests
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from serving import pictures, signatures
from serving.client import RestClient, ServingError

LARGEST_BODY = 1 << 20
"""Bytes; the page sends images of 28×28 pixels."""
SIGNATURE = "image_bytes"

_FOLDER = importlib.resources.files("serving.demo")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".png": "image/png"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_URLS = Map(
    [
        Rule("/", endpoint="page", methods=["GET"]),
        Rule("/static/<name>", endpoint="static", methods=["GET"]),
        Rule("/pictures/<name>", endpoint="picture", methods=["GET"]),
        Rule("/api/model", endpoint="model", methods=["GET"]),
        Rule("/api/predict", endpoint="predict", methods=["POST"]),
    ]
)


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


class App:
    """The WSGI application."""

    def __init__(self, demo: Demo, hosts: Iterable[str]) -> None:
        """Serves `demo` to browsers that call this server by one of `hosts`.

        Checking the name keeps other web sites from reaching it through DNS.
        """
        self._demo = demo
        self._hosts = frozenset(hosts)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = LARGEST_BODY
        response = self._respond(request)
        response.headers.update(_HEADERS)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.host.rpartition(":")[0] not in self._hosts:
            return _error(403, "This server is not called by that name.")
        try:
            endpoint, values = _URLS.bind_to_environ(request.environ).match()
            return getattr(self, f"_{endpoint}")(request, **values)
        except RequestEntityTooLarge:
            return _error(413, f"Images of more than {LARGEST_BODY >> 20} MiB are not taken.")
        except HTTPException as error:
            return _error(error.code or 500, error.description or error.name)
        except ServingError as error:
            return _error(502, str(error))
        except requests.RequestException:
            return _error(502, f"No model server answers at {self._demo.rest_url}.")
        except ValueError as error:
            return _error(400, str(error))

    def _page(self, request: Request) -> Response:
        return _file("static", "page.html")

    def _static(self, request: Request, name: str) -> Response:
        return _file("static", name)

    def _picture(self, request: Request, name: str) -> Response:
        return _file("pictures", name)

    def _model(self, request: Request) -> Response:
        names = sorted(file.name for file in (_FOLDER / "pictures").iterdir())
        return _json(
            {
                "model": self._demo.model_name,
                "backend": self._demo.backend,
                "versions": _available(self._demo.client.status()),
                "pictures": [name for name in names if name.endswith(".png")],
            }
        )

    def _predict(self, request: Request) -> Response:
        content = pictures.checked(request.get_data(), "What was sent")
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


def _file(folder: str, name: str) -> Response:
    file = _FOLDER / folder / name
    kind = next((kind for suffix, kind in _TYPES.items() if name.endswith(suffix)), None)
    if "/" in name or name.startswith(".") or kind is None or not file.is_file():
        return _error(404, f"There is no {name} here.")
    return Response(file.read_bytes(), mimetype=kind)


def _json(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document), status, mimetype="application/json")


def _error(status: int, message: str) -> Response:
    return _json({"error": message}, status)
