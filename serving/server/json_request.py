"""Finds the input arrays in the body of a predict request, in row or column format."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from serving.server.json_body import JsonObject, show, value_error
from serving.server.json_tensor import Array, decode, decode_rows, is_base64
from serving.server.signature import TensorInfo
from serving.server.status import invalid_argument


class Format(enum.Enum):
    """The form of a request, which the answer takes too."""

    ROW = "instances"
    COLUMN = "inputs"


def read_inputs(
    document: JsonObject, inputs: Mapping[str, TensorInfo]
) -> tuple[Format, dict[str, Array]]:
    """The arrays by input name (FillPredictRequestFromJson in util/json_tensor.cc).

    Raises:
      StatusError: as `json_tensor.decode`, or for a document of the wrong form.
    """
    if "instances" not in document:
        if "inputs" not in document:
            raise invalid_argument("Missing 'inputs' or 'instances' key")
        return Format.COLUMN, _columns(document["inputs"], inputs)
    if "inputs" in document:
        raise value_error(
            document,
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
        )
    rows = document["instances"]
    if not isinstance(rows, list):
        raise value_error(document, "Expecting 'instances' to be an list/array")
    if not rows:
        raise value_error(document, "No values in 'instances' array")
    return Format.ROW, _rows(rows, inputs)


def _rows(rows: list[Any], inputs: Mapping[str, TensorInfo]) -> dict[str, Array]:
    if _is_named(rows[0]):
        return _named_rows(rows, inputs)
    if len(inputs) > 1 and not isinstance(rows[0], dict):
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple input tensors"
            " required as per tensorinfo_map"
        )
    for index, row in enumerate(rows):
        if _is_named(row):
            raise invalid_argument(
                f"Expecting value/list but got object at item {index} of input list"
            )
    name, info = next(iter(inputs.items()))
    return {name: decode_rows(rows, name, info.dtype)}


def _named_rows(rows: list[Any], inputs: Mapping[str, TensorInfo]) -> dict[str, Array]:
    for index, row in enumerate(rows):
        if not _is_named(row):
            raise invalid_argument(f"Expecting object but got list at item {index} of input list")
        for name in row:
            if name not in inputs:
                raise invalid_argument(
                    f"Failed to process element: {index} key: {name} of 'instances' list. Error:"
                    f" INVALID_ARGUMENT: JSON object: does not have named input: {name}"
                )
        if len(row) != len(inputs):
            raise invalid_argument(
                f"Failed to process element: {index} of 'instances' list. JSON object:"
                f" {show(row)} keys must be equal to: {','.join(inputs)}"
            )
    return {
        name: decode_rows([row[name] for row in rows], name, info.dtype)
        for name, info in inputs.items()
    }


def _columns(columns: Any, inputs: Mapping[str, TensorInfo]) -> dict[str, Array]:
    if not _is_named(columns):
        if len(inputs) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as multiple input tensors"
                " required as per tensorinfo_map"
            )
        name, info = next(iter(inputs.items()))
        return {name: decode(columns, info.dtype)}
    arrays = {}
    for name, info in inputs.items():
        if name not in columns:
            raise invalid_argument(f"Missing named input: {name} in 'inputs' object.")
        arrays[name] = decode(columns[name], info.dtype)
    return arrays


def _is_named(value: Any) -> bool:
    """Whether a value is an object of named inputs rather than a value of one."""
    return isinstance(value, dict) and not is_base64(value)
