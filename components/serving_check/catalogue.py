"""Malformed requests, and the status that TensorFlow Serving answers each with.

Statuses follow tensorflow/serving: model_servers/http_rest_api_util.cc (routes),
util/json_tensor.cc (bodies), util/net_http and errors' codes; see docs/serving_check.md.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from components.serving_check.options import Options, Signature
from models.features.image.png import png

UNKNOWN_VERSION = 999_999_999
EXAMPLES = "inputs"
"""Input of a signature that is for the verbs below, servables/tensorflow/util.cc."""
VERBS = {"classify": {"classes", "scores"}, "regress": {"outputs"}}
"""Beside predict, with the outputs of which it needs one."""


@dataclasses.dataclass(frozen=True)
class MalformedRequest:
    """A request that no server may answer with success, nor die of."""

    name: str
    method: str
    path: str
    body: bytes
    status: int
    """The HTTP status that is right for it."""


def malformed_requests(model_name: str, options: Options) -> Iterator[MalformedRequest]:
    """Yields the catalogue for one model: what is wrong with any model, then for each signature."""
    predict = f"/v1/models/{model_name}:predict"

    def post(name: str, body: bytes, status: int = 400, path: str = predict) -> MalformedRequest:
        return MalformedRequest(name, "POST", path, body, status)

    instance = _json(instances=[0])
    yield post("empty body", b"")
    yield post("not JSON", b"{'instances': [")
    yield post("a list instead of an object", b"[1, 2]")
    yield post("no instances", _json(signature_name="serving_default"))
    yield post("both instances and inputs", _json(instances=[0], inputs=[0]))
    yield post("instances not a list", _json(instances=7))
    yield post("no values in instances", _json(instances=[]))
    yield post("unknown signature", _json(signature_name="no_such_signature", instances=[0]))
    yield post("unknown model", instance, 404, f"/v1/models/{model_name}_unknown:predict")
    yield post(
        "unknown version",
        instance,
        404,
        f"/v1/models/{model_name}/versions/{UNKNOWN_VERSION}:predict",
    )
    yield post("unknown label", instance, 400, f"/v1/models/{model_name}/labels/unknown:predict")
    yield post("unknown verb", instance, path=f"/v1/models/{model_name}:guess")
    yield MalformedRequest("GET instead of POST", "GET", predict, b"", 400)

    for signature_name, signature in options.signatures.items():
        for verb, outputs in VERBS.items():
            if EXAMPLES not in signature.inputs or not outputs & set(signature.outputs):
                body = _json(signature_name=signature_name, examples=[{"x": 1}])
                path = f"/v1/models/{model_name}:{verb}"
                yield post(f"{signature_name}: {verb}, which it is not for", body, path=path)
        for name, values in _bad_instances(signature, options):
            yield post(
                f"{signature_name}: {name}", _json(signature_name=signature_name, instances=values)
            )


def _bad_instances(signature: Signature, options: Options) -> Iterator[tuple[str, list[Any]]]:
    if signature.feed == "columns":
        yield from _bad_rows(signature)
        return
    [key] = signature.inputs
    yield "unknown input name", [{f"{key}_unknown": 0}]
    if signature.feed == "pixels":
        row = [0] * options.image_shape[-1]
        yield "wrong rank", [1, 2, 3]
        yield "text instead of numbers", ["not a number"]
        yield "fractions instead of integers", [[[0.5]]]
        yield "ragged list", [[row, row[:-1]]]
    else:
        yield "number instead of bytes", [7]
        yield "not base64", [{"b64": "!!!"}]
    if signature.feed == "png":
        yield "bytes that are no image", [{"b64": "bm90IGFuIGltYWdl"}]
    if signature.feed == "example":
        yield "bytes that are no tf.Example", [{"b64": "bm90IGFuIGV4YW1wbGU="}]


def _bad_rows(signature: Signature) -> Iterator[tuple[str, list[Any]]]:
    is_text = {name: tensor.dtype == "DT_STRING" for name, tensor in signature.inputs.items()}
    row: dict[str, Any] = {name: "" if text else 0.0 for name, text in is_text.items()}
    row |= dict.fromkeys(signature.images, _encoded(png(np.zeros((1, 1), np.uint8))))
    yield "a column that nobody knows", [{**row, "no_such_column": 0}]
    for name in signature.images:
        yield f"{name} of no bytes", [{**row, name: ""}]
        yield f"{name} of bytes that are no image", [{**row, name: _encoded(b"not an image")}]
        yield f"{name} that is not base64", [{**row, name: {"b64": "!!!"}}]
    for name, text in is_text.items():
        yield f"{name} of another type", [{**row, name: 7 if text else "not a number"}]
        yield f"{name} is null", [{**row, name: None}]
        yield f"{name} is a list", [{**row, name: [row[name], row[name]]}, row]
        if len(row) > 1:
            yield f"without {name}", [{key: value for key, value in row.items() if key != name}]


def _encoded(content: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(content).decode("ascii")}


def _json(**body: Any) -> bytes:
    return json.dumps(body).encode()
