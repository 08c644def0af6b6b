"""Answers REST requests: predict, status and metadata."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from typing import Any

import orjson
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2

from serving.server import json_answer, json_body, json_request, routes
from serving.server.life_cycle import LifeCycle
from serving.server.routes import ModelSpec, Route
from serving.server.saved_model import SavedModel
from serving.server.signature import DEFAULT_SIGNATURE
from serving.server.status import Code, StatusError, http_status, invalid_argument

_logger = logging.getLogger(__name__)

JSON = "application/json"


@dataclasses.dataclass(frozen=True)
class Answer:
    """An HTTP answer without its framing."""

    status: int
    body: bytes
    content_type: str = JSON


def refusal(error: StatusError, status: int | None = None) -> Answer:
    """The answer to a request that failed, by default with the HTTP status of its code."""
    return Answer(status or http_status(error.code), json_answer.write_error(error))


class RestApi:
    """The REST API over the models of a life cycle (model_servers/http_rest_api_handler.cc)."""

    def __init__(self, models: LifeCycle[SavedModel]) -> None:
        self._models = models
        self._verbs: dict[str, Callable[[Route, bytes], bytes]] = {
            "predict": self._predict,
            "status": self._status,
            "metadata": self._metadata,
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answers any request; whatever goes wrong is an answer too.

        Args:
          method: such as `POST`.
          path: without the query.
          body: the whole body.
        """
        try:
            if not routes.is_rest_path(path):
                return refusal(StatusError(Code.NOT_FOUND, f"Not found: {method} {path}"))
            route = routes.match(method, path)
            return Answer(http_status(Code.OK), self._verbs[route.verb](route, body))
        except StatusError as error:
            return refusal(error)
        except Exception as error:  # A bug here must not take the server down.
            _logger.exception("%s %s", method, path)
            return refusal(StatusError(Code.INTERNAL, f"{type(error).__name__}: {error}"))

    def _predict(self, route: Route, body: bytes) -> bytes:
        document = json_body.parse_object(body)
        name = json_body.signature_name(document) or DEFAULT_SIGNATURE
        with self._models.lease(route.spec) as lease:
            signature = lease.model.signatures.get(name)
            if signature is None:
                raise invalid_argument(
                    f'Serving signature name: "{name}" not found in signature def'
                )
            if not signature.inputs:
                raise invalid_argument(f"Failed to get input map for signature: {name}")
            form, inputs = json_request.read_inputs(document, signature.inputs)
            arrays = lease.model.run(
                {signature.inputs[key].tensor: array for key, array in inputs.items()},
                [info.tensor for info in signature.outputs.values()],
            )
            return json_answer.write_outputs(
                dict(zip(signature.outputs, arrays, strict=True)), form
            )

    def _status(self, route: Route, body: bytes) -> bytes:
        return status_document(self._models, route.spec)

    def _metadata(self, route: Route, body: bytes) -> bytes:
        with self._models.lease(route.spec) as lease:
            definitions = get_model_metadata_pb2.SignatureDefMap()
            for name, definition in lease.model.signature_defs.items():
                definitions.signature_def[name].CopyFrom(definition)
            return _pretty(
                {
                    "model_spec": {
                        "name": route.spec.name,
                        "signature_name": "",
                        "version": str(lease.number),
                    },
                    "metadata": {"signature_def": _with_defaults(definitions)},
                }
            )


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
    try:
        return json_format.MessageToDict(
            message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
    except TypeError:
        return json_format.MessageToDict(
            message, preserving_proto_field_name=True, including_default_value_fields=True
        )


def _pretty(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
