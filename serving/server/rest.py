"""Answers REST requests: predict, classify, regress, status, metadata and metrics."""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from google.protobuf import json_format

from serving.server import heap, inference
from serving.server.json import answer as json_answer
from serving.server.json import body as json_body
from serving.server.json import examples as json_examples
from serving.server.json import request as json_request
from serving.server.json.document import Document
from serving.server.messages import messages
from serving.server.metrics import Metrics
from serving.server.servable import Measured, Servable
from serving.server.signature import DEFAULT_SIGNATURE
from serving.server.status import Code, StatusError, fault, http_status, invalid_argument
from serving.server.tensors import message_cost, texts
from serving.server.tensors.texts import Tensor
from serving.server.versions import routes
from serving.server.versions.life_cycle import Lease, LifeCycle
from serving.server.versions.routes import ModelSpec, Route

_logger = logging.getLogger(__name__)

JSON = "application/json"
TEXT = "text/plain"
ENTRYPOINT = "REST"
_METHODS = frozenset(("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"))
"""Those that upstream has its HTTP library take (net_http/server/internal/evhttp_server.cc)."""
Body = bytes | bytearray
_CORS = (
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Allow-Methods: POST, GET\r\n"
    "Access-Control-Allow-Headers: Content-Type\r\n"
)


@dataclasses.dataclass(slots=True)
class Answer:
    """An HTTP answer without its framing."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: str = ""
    """More of them, each line with its end."""
    rest: list[bytes] = dataclasses.field(default_factory=list)
    """What follows of a large body, in parts; they are used up as they are sent."""

    @property
    def length(self) -> int:
        """Bytes of the whole body."""
        return len(self.body) + sum(map(len, self.rest))


def refusal(error: StatusError, status: int | None = None) -> Answer:
    """The answer to a request that failed, by default with the HTTP status of its code."""
    return Answer(status or http_status(error.code), json_answer.write_error(error))


class RestApi:
    """The REST API over the models of a life cycle (model_servers/http_rest_api_handler.cc)."""

    def __init__(
        self,
        models: LifeCycle[Servable],
        metrics: Metrics,
        metrics_path: str | None = None,
        *,
        cors: bool = False,
    ) -> None:
        """Answers from any thread.

        Args:
          models: what is served.
          metrics: counts the requests.
          metrics_path: where the metrics are shown; None for nowhere.
          cors: whether pages of other origins may read the answers.
        """
        self._headers = _CORS if cors else ""
        self._models = models
        self._metrics = metrics
        self._metrics_path = metrics_path
        self._verbs: dict[str, Callable[[Route, Body], list[bytes]]] = {
            "predict": self._predict,
            "classify": self._classify,
            "regress": self._regress,
            "status": self._status,
            "metadata": self._metadata,
        }

    def answer(self, method: str, path: str, body: Body, origin: str = "") -> Answer:
        """Answers any request; whatever goes wrong is an answer too.

        Args:
          method: such as `POST`.
          path: with the query, if there is one.
          body: the whole body; if it can be emptied, it is as soon as it was read.
          origin: of the page that asks, in a browser.
        """
        if method not in _METHODS:
            return refusal(StatusError(Code.UNIMPLEMENTED, f"Not implemented: {method} {path}"))
        if self._metrics_path and path.partition("?")[0] == self._metrics_path:
            return self._metrics_page(path)
        if not routes.is_rest_path(path):
            return refusal(StatusError(Code.NOT_FOUND, f"Not found: {method} {path}"))
        answer = self._route(method, path, body, origin)
        return dataclasses.replace(answer, headers=self._headers) if self._headers else answer

    def _metrics_page(self, path: str) -> Answer:
        if path != self._metrics_path:
            problem = f"Unexpected path: {path}. Should be {self._metrics_path}"
            return Answer(http_status(Code.INVALID_ARGUMENT), problem.encode(), TEXT)
        return Answer(http_status(Code.OK), self._metrics.page().encode(), TEXT)

    def _route(self, method: str, path: str, body: Body, origin: str) -> Answer:
        asked = routes.asked(method, path)
        try:
            # Whatever is asked is counted, malformed requests as those for a model without a name.
            with self._metrics.request(asked.name, asked.method, ENTRYPOINT):
                if method == "OPTIONS":
                    return _preflight(origin)
                route = routes.match(method, path)
                first, *rest = self._verbs[route.verb](route, body)
                return Answer(http_status(Code.OK), first, rest=rest)
        except _NoOriginError as error:
            return Answer(http_status(error.code), b"")
        except StatusError as error:
            return refusal(error)
        except Exception as error:  # A bug here must not take the server down.
            _logger.exception("%s %s", method, path)
            return refusal(fault(error))

    def _measured(self, lease: Lease[Servable], api: str, spec: ModelSpec) -> Measured:
        return Measured(lease.model, functools.partial(self._metrics.runtime, spec.name, api))

    def _predict(self, route: Route, body: Body) -> list[bytes]:
        document, signature_name = _read(body, grids=True)
        # The model is looked for only now, as upstream does.
        with self._models.lease(route.spec) as lease:
            model = self._measured(lease, "Predict", route.spec)
            name = signature_name or DEFAULT_SIGNATURE
            signature = model.signatures.get(name)
            if signature is None:
                raise invalid_argument(
                    f'Serving signature name: "{name}" not found in signature def'
                )
            if not signature.inputs:
                shown = signature_name or "DEFAULT"
                raise invalid_argument(f"Failed to get input map for signature: {shown}")
            form, arrays = json_request.read_inputs(document, signature.inputs)
            document.clear()  # Lists and numbers take many times the room of arrays.
            heap.drop(body)
            if document.size >= message_cost.LARGE_BYTES:
                message_cost.check_tensors(texts.fed_bytes(arrays), document.size)
            outputs = inference.predict(model, signature, arrays)
            return json_answer.write_outputs(outputs, form)

    def _classify(self, route: Route, body: Body) -> list[bytes]:
        task, read = inference.classify_task, inference.read_classes
        return self._infer("Classify", route, body, task, read)

    def _regress(self, route: Route, body: Body) -> list[bytes]:
        task, read = inference.regress_task, inference.read_values
        return self._infer("Regress", route, body, task, read)

    def _infer(
        self,
        verb: str,
        route: Route,
        body: Body,
        task_of: Callable[[Servable, str], inference.Task],
        read: Callable[[Mapping[str, Tensor], int], Iterable[Any]],
    ) -> list[bytes]:
        document, signature_name = _read(body)
        examples = json_examples.read_examples(document)
        document.clear()
        heap.drop(body)
        with self._models.lease(route.spec) as lease:
            model = self._measured(lease, verb, route.spec)
            task = task_of(model, signature_name)
            [outputs] = inference.run_examples(model, [task], examples)
            return json_answer.write_results(read(outputs, len(examples)))

    def _status(self, route: Route, body: Body) -> list[bytes]:
        return [status_document(self._models, route.spec)]

    def _metadata(self, route: Route, body: Body) -> list[bytes]:
        with self._models.lease(route.spec) as lease:
            definitions = messages.signature_def_map(lease.model)
            spec = {
                "name": route.spec.name,
                "signature_name": "",
                "version": str(lease.number),
            }
            # Upstream puts the two messages together in this way (http_rest_api_util.cc).
            signatures = _pretty(_with_defaults(definitions))
            return [
                b'{\n"model_spec":' + _pretty(spec) + b",\n"
                b'"metadata": {"signature_def": ' + signatures + b"}\n}\n"
            ]


def _read(body: Body, *, grids: bool = False) -> tuple[Document, str]:
    """What a request says, and the name of the signature that it is for."""
    document = json_body.parse_object(body, grids=grids)
    return document, json_body.signature_name(document)


class _NoOriginError(StatusError):
    """No browser asks like this; the answer has no body."""


def _preflight(origin: str) -> Answer:
    """What a browser asks before it sends another page's request (model_servers/http_server.cc)."""
    if not re.search("https?://", origin):
        raise _NoOriginError(Code.FAILED_PRECONDITION, "Origin header is missing in CORS preflight")
    return Answer(http_status(Code.OK), b"")


def status_document(models: LifeCycle[Any], spec: ModelSpec) -> bytes:
    """The status of the versions of a model, as protobuf's JSON form of GetModelStatusResponse."""
    return _pretty(
        {
            "model_version_status": [
                {
                    "version": str(version.number),
                    "state": version.state.name,
                    "status": {
                        "error_code": (version.error.code if version.error else Code.OK).name,
                        "error_message": version.error.message if version.error else "",
                    },
                }
                for version in models.status(spec)
            ]
        }
    )


def _with_defaults(message: Any) -> dict[str, Any]:
    """The JSON form with unset fields printed; protobuf 5 renamed the option that says so."""
    found: dict[str, Any]
    try:
        found = json_format.MessageToDict(
            message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
    except TypeError:
        found = json_format.MessageToDict(
            message, preserving_proto_field_name=True, including_default_value_fields=True
        )
    return found


def _pretty(document: Any) -> bytes:
    """As protobuf's C++ library prints a message: a blank for each level."""
    return json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
