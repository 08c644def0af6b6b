"""Writes output arrays as JSON: `predictions` in row format, `outputs` in column format."""

from __future__ import annotations

import base64
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from serving.server.json.request import Format
from serving.server.status import StatusError, invalid_argument
from serving.server.tensors import texts
from serving.server.tensors.texts import Array, Tensor

_BYTES_SUFFIX = "_bytes"
_BLOCK = 4096
"""Lists of numbers, or texts, that are written at a time."""
_CHUNK = 1 << 18
"""Bytes of one part of an answer."""
_LONG_ROW = 1 << 16
"""Rows of more values are written one by one, in parts."""
_WRITABLE = frozenset(
    np.dtype(kind)
    for kind in (
        np.float32, np.float64, np.int8, np.int16, np.int32, np.int64,
        np.uint8, np.uint32, np.uint64, np.bool_,
    )
)  # fmt: skip
"""What upstream writes besides strings: neither half nor uint16."""


def write_outputs(outputs: Mapping[str, Tensor], form: Format) -> list[bytes]:
    """The answer to a predict request (MakeJsonFromTensors in util/json_tensor.cc).

    A single output is not named. String outputs whose name ends in `_bytes` are base64. Floats are
    the shortest text that reads back as the same number, with NaN and Infinity bare. A large answer
    has several parts.

    Raises:
      StatusError: INVALID_ARGUMENT for outputs that JSON cannot carry or, in row format, that
        differ in batch size.
    """
    if form is Format.ROW:
        _check_batch(outputs)
    if len(outputs) == 1:
        [(name, array)] = outputs.items()
        parts = _value(name, array)
    elif form is Format.COLUMN:
        parts = _columns(outputs)
    else:
        parts = _joined(map(_rows, _blocks(outputs)))
    return _member("predictions" if form is Format.ROW else "outputs", parts)


def write_results(results: Iterable[Any]) -> list[bytes]:
    """The answer to classify, label and score by class and example, and to regress."""
    waiting = iter(results)
    blocks = iter(lambda: list(itertools.islice(waiting, _BLOCK)), [])
    return _member("results", _joined(map(_results, blocks)))


def _results(results: Sequence[Any]) -> bytes:
    if isinstance(results[0], float):
        return _dump(_writable("", np.array(results, np.float32)))
    all_scores = np.array([score for classes in results for _, score in classes], np.float32)
    scores = iter(_writable("", all_scores))
    return _dump([[(label, next(scores)) for label, _ in classes] for classes in results])


def _rows(outputs: Mapping[str, Tensor]) -> bytes:
    written = {name: _writable(name, array) for name, array in outputs.items()}
    rows = zip(*written.values(), strict=True)
    return _dump([dict(zip(written, row, strict=True)) for row in rows])


def _columns(outputs: Mapping[str, Tensor]) -> Iterator[bytes]:
    before = b"{"
    for name, array in outputs.items():
        yield before + _dump(name) + b":"
        yield from _value(name, array)
        before = b","
    yield b"{}" if before == b"{" else b"}"


def _value(name: str, array: Tensor) -> Iterator[bytes]:
    if array.ndim == 0 or (isinstance(array, np.ndarray) and 0 < array.size <= _BLOCK):
        yield _dump(_writable(name, array))
    elif array.ndim > 1 and len(array) and math.prod(array.shape[1:]) > _LONG_ROW:
        for index in range(len(array)):
            yield b"," if index else b"["
            yield from _value(name, texts.row(array, index))
        yield b"]"
    else:
        yield from _joined(_dump(_writable(name, block[name])) for block in _blocks({name: array}))


def _blocks(outputs: Mapping[str, Tensor]) -> Iterator[Mapping[str, Tensor]]:
    """Some rows at a time, because each takes many times its room while it is written."""
    size = len(next(iter(outputs.values())))
    step = max(1, _BLOCK // max(map(_parts, outputs.values())))
    for start in range(0, max(size, 1), step):
        yield {name: array[start : start + step] for name, array in outputs.items()}


def _parts(array: Tensor) -> int:
    """How many lists, or texts, there are in a row."""
    return max(1, math.prod(array.shape[1:] if array.dtype == np.object_ else array.shape[1:-1]))


def _joined(lists: Iterable[bytes]) -> Iterator[bytes]:
    """The parts of one list that has the elements of several; of none, it is empty."""
    before = b"["
    for text in lists:
        yield before
        yield text[1:-1]
        before = b","
    yield b"[]" if before == b"[" else b"]"


def _member(name: str, parts: Iterable[bytes]) -> list[bytes]:
    chunks: list[bytes] = []
    size = 0
    waiting = [b'{"', name.encode(), b'":']
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _CHUNK:
            chunks.append(b"".join(waiting))
            waiting, size = [], 0
    return [*chunks, b"".join((*waiting, b"}"))]


def _check_batch(outputs: Mapping[str, Tensor]) -> None:
    expected = None
    for name, array in outputs.items():
        if array.ndim == 0:
            raise invalid_argument(f"Tensor name: {name} has no shape information ")
        if expected is not None and array.shape[0] != expected:
            raise invalid_argument(
                f"Tensor name: {name} has inconsistent batch size: {array.shape[0]}"
                f" expecting: {expected}"
            )
        expected = array.shape[0]


def _writable(name: str, tensor: Tensor) -> Any:
    """An output in a form that orjson writes; iterating over it gives its rows."""
    array = texts.unpacked(tensor)
    if array.dtype == np.object_:
        return _strings(array, _as_base64 if name.endswith(_BYTES_SUFFIX) else _as_text)
    if array.dtype not in _WRITABLE:
        if not array.size:  # Lists without values are of any type.
            return array.tolist()
        shown = "half" if array.dtype == np.float16 else array.dtype.name
        raise invalid_argument(f"Failed to write JSON value for tensor type: {shown}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return _special(array)
    return np.ascontiguousarray(array) if array.ndim else array[()]


def _strings(array: Array, write: Any) -> Any:
    if array.ndim == 0:
        return write(array[()])
    return [_strings(part, write) if array.ndim > 1 else write(part) for part in array]


def _as_base64(value: bytes) -> Any:
    return {"b64": base64.b64encode(value).decode()}


def _as_text(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        # As upstream: the bytes go out as they are, whatever the client makes of them.
        text = json.dumps(value.decode("utf-8", "surrogateescape"), ensure_ascii=False)
        return orjson.Fragment(text.encode("utf-8", "surrogateescape"))


def _special(array: Array) -> Any:
    """Rows in which NaN and infinities are the bare words that rapidjson writes; there is one."""
    others = array[~np.isfinite(array)]
    words = np.select([others > 0, others < 0], [b"Infinity", b"-Infinity"], b"NaN").tolist()
    # In the same order orjson writes null for each, and for nothing else.
    between = _dump(np.ascontiguousarray(array)).split(b"null")
    text = b"".join(itertools.chain.from_iterable(zip(between, [*words, b""], strict=True)))
    if not array.ndim:
        return orjson.Fragment(text[1:-1])
    opened, closed = b"[" * (array.ndim - 1), b"]" * (array.ndim - 1)
    rows = text[1 + len(opened) : -1 - len(closed)].split(closed + b"," + opened)
    return [orjson.Fragment(b"%b%b%b" % (opened, row, closed)) for row in rows]


def _dump(document: Any) -> bytes:
    try:
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    except orjson.JSONEncodeError as error:
        raise invalid_argument(f"Failed to write the answer as JSON: {error}") from error


def write_error(error: StatusError) -> bytes:
    """The body of every answer that is not a success."""
    message = error.message.encode("utf-8", "replace").decode()
    return b'{\n    "error": ' + orjson.dumps(message) + b"\n}"
