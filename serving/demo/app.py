"""The demo's own small web server: the page, test images, and requests passed on to the model.

The page never talks to the model server itself, so that it needs no other origin than its own.
"""

from __future__ import annotations

import base64
import dataclasses
import http
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

from serving.clients import pictures
from serving.clients.pictures import Picture
from serving.clients.rest_client import ServingError
from serving.demo.form import Cell, FormError
from serving.demo.model import Demo
from serving.pages.site import Site, static_file

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
            Rule("/api/ask", endpoint="ask", methods=["POST"]),
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
            # What the model does not take is no fault of its server.
            status = 400 if error.status == http.HTTPStatus.BAD_REQUEST else 502
            return self.refuse(request, status, str(error).partition("\n")[0])
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
        """The model, and how the version that was asked about, or the latest, takes questions."""
        versions = self._demo.versions()
        wanted = request.args.get("version", type=int)
        version = wanted if wanted in versions else max(versions, default=None)
        form = self._demo.form(version) if versions else None
        labels = self._demo.described(version).labels if version and not form else ()
        return _json(
            {
                "model": self._demo.model_name,
                "backend": self._demo.backend,
                "versions": versions,
                "form": form and [dataclasses.asdict(field) for field in form.fields],
                "drawing": self._demo.drawing(version) if versions and not form else None,
                "largest": pictures.LARGEST_FILE,
                "pictures": _pictures_of(labels),
            }
        )

    def on_ask(self, request: Request) -> Response:
        """Answers about a form: texts, null, or {"b64": …} for each feature by its name."""
        body = _body(request, "The form", "scale its pictures down")
        with self._reading:
            cells = _cells(body)
            answer = self._demo.ask_form(cells, request.args.get("version", type=int))
        return _json(dataclasses.asdict(answer))

    def on_predict(self, request: Request) -> Response:
        name = request.args.get("name", "")
        called = name or request.args.get("called", "The picture")
        body = _body(request, called, "scale it down")
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


def _body(request: Request, called: str, mend: str) -> bytes:
    try:
        return request.get_data()
    except RequestEntityTooLarge as error:
        megabytes = pictures.LARGEST_FILE >> 20
        raise RequestEntityTooLarge(f"{called} is larger than {megabytes} MiB; {mend}.") from error


def _cells(body: bytes) -> dict[str, Cell]:
    """The cells of a form. Raises FormError where the body holds something else."""
    try:
        found = json.loads(body)
        return {str(name): _cell(cell) for name, cell in found.items()}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise FormError('A form is an object of texts, null, or {"b64": …}.') from error


def _cell(cell: Any) -> Cell:
    if isinstance(cell, dict):
        return base64.b64decode(cell["b64"], validate=True)
    if cell is not None and not isinstance(cell, str):
        raise TypeError
    return cell


def _json(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document), status, mimetype="application/json")
