"""Reads the answers of a model server's REST predict."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from serving.clients.tensors import DTYPES

_SHOWN = 80


class AnswerError(ValueError):
    """A server's answer is not what the request asked for."""


def read_outputs(body: bytes, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    """The outputs of an answer in row or column format, by name.

    A signature with one output answers bare values, others an object for each row or column:
    https://www.tensorflow.org/tfx/serving/api_rest#response_format_4

    Args:
      body: the answer.
      declared: TensorInfo of each output, in proto3 JSON form, as the candidate's own file has it.

    Returns:
      arrays of the declared types; strings as bytes objects.

    Raises:
      AnswerError: the answer lacks an output or has others, or its values have no one shape or
        are not of the declared type.
    """
    document = _document(body)
    if isinstance(document, dict) and "predictions" in document:
        columns = _columns(document["predictions"], declared, body)
    elif isinstance(document, dict) and "outputs" in document:
        found = document["outputs"]
        columns = {next(iter(declared)): found} if len(declared) == 1 else found
    else:
        raise AnswerError(f"an answer without outputs: {_text(body)}")
    if not isinstance(columns, dict) or set(columns) != set(declared):
        raise AnswerError(f"an answer without the outputs {', '.join(declared)}: {_text(body)}")
    return {
        name: _array(name, columns[name], str(info.get("dtype", "DT_INVALID")))
        for name, info in declared.items()
    }


def output_array(body: bytes, output: str) -> NDArray[np.float32]:
    """The values of one output, float32 [n, ...], from a row-format answer of any signature.

    Raises:
      AnswerError: the answer has no such output, or its rows are not numbers of one shape.
    """
    try:
        rows: list[Any] = json.loads(body)["predictions"]
        values = [row[output] if isinstance(row, dict) else row for row in rows]
        # Numbers are printed so that they read back exactly, if through float64.
        return np.array(values, dtype=np.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerError(f"an answer without numbers for {output}: {_text(body)}") from error


def error_text(body: bytes) -> str:
    """The text under `error` in a JSON answer; "" when there is none."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, str) else ""


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        # TensorFlow Serving writes NaN and Infinity, and strings that are not UTF-8, as they are.
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"an answer that is no JSON: {_text(body)}") from error


def _columns(rows: Any, declared: Mapping[str, Any], body: bytes) -> dict[str, list[Any]]:
    if not isinstance(rows, list):
        raise AnswerError(f"an answer without rows: {_text(body)}")
    if len(declared) == 1:
        return {next(iter(declared)): rows}
    if not all(isinstance(row, dict) and row.keys() == declared.keys() for row in rows):
        raise AnswerError(f"rows without the outputs {', '.join(declared)}: {_text(body)}")
    return {name: [row[name] for row in rows] for name in declared}


def _array(name: str, values: Any, dtype: str) -> NDArray[Any]:
    wanted = DTYPES.get(dtype)
    if wanted is None:
        raise AnswerError(f"{name} is of type {dtype}, which clients cannot read")
    try:
        if wanted.kind == "O":
            return _strings(values)
        array = np.array(values)
        if wanted.kind in "iu" and array.dtype.kind not in "iu":
            # numpy makes fractions of whole numbers of which some are beyond int64.
            array = np.array(values, object)
    except (TypeError, ValueError, OverflowError) as error:
        raise AnswerError(f"{name} has values that are no {dtype}, or of no one shape") from error
    # An integer where a fraction is declared is how some servers write 1.0.
    if array.size and not _are(array, wanted):
        raise AnswerError(f"{name} has values that are no {dtype}")
    return array.astype(wanted)


def _are(array: NDArray[Any], wanted: np.dtype[Any]) -> bool:
    """Whether all values are of a type, and within it."""
    if wanted.kind not in "iu":
        return array.dtype.kind in {"f": "fiu", "b": "b"}[wanted.kind]
    flat = array.ravel().tolist()
    limits = np.iinfo(wanted)
    return all(type(value) is int for value in flat) and (
        limits.min <= min(flat) and max(flat) <= limits.max
    )


def _strings(values: Any) -> NDArray[Any]:
    shape, level = [], values
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else None
    flat = list(_leaves(values, len(shape)))
    if len(flat) != int(np.prod(shape, dtype=np.int64)):
        raise ValueError("ragged")
    array = np.empty(len(flat), object)
    array[:] = flat
    return array.reshape(shape)


def _leaves(values: Any, depth: int) -> Any:
    if depth:
        if not isinstance(values, list):
            raise ValueError("ragged")
        for value in values:
            yield from _leaves(value, depth - 1)
    elif isinstance(values, str):
        yield values.encode()
    elif isinstance(values, dict) and set(values) == {"b64"}:
        yield base64.b64decode(values["b64"])
    else:
        raise TypeError("no string")


def _text(body: bytes) -> str:
    return repr(body[:_SHOWN].decode("utf-8", "replace"))
