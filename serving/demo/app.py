"""The demo's own small web server: the page, the test images, and requests passed on to the model.

The page never talks to the model server itself, so that it needs no other origin than its own.
"""

from __future__ import annotations

import dataclasses
import json
import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import requests
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from serving import pictures
from serving.client import ServingError
from serving.demo.model import Demo
from serving.pictures import Picture
from serving.site import Site, static_file

AT_ONCE = 2
"""Pictures that are read at the same time: a large one takes half a gigabyte."""

_FOLDER = Path(__file__).parent
_INVERT = {"yes": True, "no": False}


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

    largest_body = pictures.LARGEST_FILE

    def __init__(self, demo: Demo, hosts: Iterable[str]) -> None:
        """Serves `demo` to browsers that call this server by one of `hosts`."""
        super().__init__(hosts)
        self._demo = demo
        self._reading = threading.BoundedSemaphore(AT_ONCE)

    def refuse(self, request: Request, status: int, message: str) -> Response:
        return _json({"error": message}, status)

    def fail(self, request: Request, error: Exception) -> Response:
        if isinstance(error, ServingError):
            return self.refuse(request, 502, str(error).partition("\n")[0])
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
        versions = self._demo.versions()
        labels = self._demo.described(versions[0]).labels if versions else ()
        return _json(
            {
                "model": self._demo.model_name,
                "backend": self._demo.backend,
                "versions": versions,
                "drawing": self._demo.drawing() if versions else None,
                "largest": pictures.LARGEST_FILE,
                "pictures": _pictures_of(labels),
            }
        )

    def on_predict(self, request: Request) -> Response:
        name = request.args.get("name", "")
        called = name or request.args.get("called", "The picture")
        try:
            body = request.get_data()
        except RequestEntityTooLarge as error:
            megabytes = pictures.LARGEST_FILE >> 20
            raise RequestEntityTooLarge(
                f"{called} is larger than {megabytes} MiB; scale it down."
            ) from error
        with self._reading:
            content = pictures.checked(body, called)
            picture = Picture(called, content, name if name and content is body else None)
            answer = self._demo.ask(
                picture,
                request.args.get("version", type=int),
                _INVERT.get(request.args.get("invert", "")),
            )
        return _json(dataclasses.asdict(answer))


def _pictures_of(labels: Iterable[str]) -> list[str]:
    """The bundled pictures whose names begin with the number and the name of a label."""
    known = tuple(
        f"{index}-{re.sub('[^a-z0-9]+', '-', label.lower()).strip('-')}-"
        for index, label in enumerate(labels)
    )
    names = sorted(file.name for file in (_FOLDER / "pictures").iterdir())
    return [name for name in names if name.endswith(".png") and name.startswith(known)]


def _json(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document), status, mimetype="application/json")
