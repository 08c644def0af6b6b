"""In what a signature differs from the one that clients rely on. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.framework import tensor_pb2

from components.serving_check.options import Signature, Tensor
from documents.cells.cell import shown
from serving.server.signature import PREDICT_METHOD


def differences(name: str, expected: Signature, found: Mapping[str, Any] | None) -> Iterator[str]:
    """Yields one clause for each way in which a signature breaks its clients."""
    if found is None:
        yield f"no signature {name}"
        return
    method = found.get("method_name", "")
    if method != PREDICT_METHOD:
        yield f"{name} has the method {method!r} instead of {PREDICT_METHOD}"
    for kind, tensors in (("input", expected.inputs), ("output", expected.outputs)):
        actual = found.get(f"{kind}s", {})
        for key, tensor in tensors.items():
            if key not in actual:
                yield f"{name} has no {kind} {key}"
            else:
                yield from _tensor_differences(f"{name} {kind} {key}", tensor, actual[key])
        if kind == "input" or len(tensors) == 1:
            for key in sorted(set(actual) - set(tensors)):
                yield f"{name} has an {kind} too many, {key}"


def default_differences(name: str, expected: Signature, found: Mapping[str, Any]) -> Iterator[str]:
    """Yields one clause for each input that is filled in otherwise than it was declared."""
    declared = expected.defaults
    if declared is None:
        return
    for key in sorted(set(declared) - set(found)):
        yield f"{name} fills in nothing for {key} instead of {declared[key]!r}"
    for key, tensor in sorted(found.items()):
        filled = _filled_in(tensor)
        told = shown(filled)
        if key not in declared:
            yield f"{name} fills in {told} for {key}, which requests may not leave out"
            continue
        wanted: Any = declared[key]
        wanted = wanted if isinstance(wanted, str) else float(np.float32(wanted))
        dtype = tensor.get("dtype")
        if filled != [wanted] or dtype != expected.inputs[key].dtype:
            yield f"{name} fills in {told} ({dtype}) for {key} instead of {[wanted]!r}"


def _filled_in(tensor: Mapping[str, Any]) -> Any:
    """The value of a default, in proto3 JSON form, as a list for each row."""
    try:
        array = tf.make_ndarray(json_format.ParseDict(dict(tensor), tensor_pb2.TensorProto()))
    except (TypeError, ValueError, json_format.ParseError):
        return None
    if array.dtype != object:
        return array.tolist()
    return np.vectorize(lambda text: text.decode("utf-8", "replace"), otypes=[object])(
        array
    ).tolist()


def _tensor_differences(name: str, expected: Tensor, found: Mapping[str, Any]) -> Iterator[str]:
    dtype = found.get("dtype", "DT_INVALID")
    if dtype != expected.dtype:
        yield f"{name} is {dtype} instead of {expected.dtype}"
    for encoding in ("coo_sparse", "composite_tensor"):
        if encoding in found:
            yield f"{name} is no dense tensor"
    shape = found.get("tensor_shape", {})
    if shape.get("unknown_rank"):
        return
    actual = [int(dimension.get("size", 0)) for dimension in shape.get("dim", [])]
    # The batch is the one dimension that clients vary; elsewhere -1 leaves the size open.
    fixed_batch = expected.shape[:1] == (-1,) and actual[:1] != [-1]
    sizes_differ = any(
        -1 not in sizes and sizes[0] != sizes[1]
        for sizes in zip(expected.shape, actual, strict=False)
    )
    if len(actual) != len(expected.shape) or fixed_batch or sizes_differ:
        yield f"{name} has shape {json.dumps(actual)} instead of {json.dumps(expected.shape)}"
