"""Bodies with what TensorFlow Serving's own reader made of them.

`judged_bodies.jsonl` was written on 2026-11-26 by `util/json_tensor.cc` of July 2026 with rapidjson
1.1.0, which were asked by a small program that is not part of this project: bodies after its tests
and, among some 500,000 random ones, one of each kind. A body's characters are its bytes; so are
those of strings. What differs knowingly is in docs/serving.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorflow.core.example import example_pb2

from serving.server.json import body as json_body
from serving.server.json import examples as json_examples
from serving.server.json import request as json_request
from serving.server.signature import DataType, TensorInfo
from serving.server.status import StatusError
from serving.server.tensors import texts

BODIES = Path(__file__).with_name("judged_bodies.jsonl")
JUDGED = [json.loads(line) for line in BODIES.read_text("ascii").splitlines()]
PREDICT = [record for record in JUDGED if record["kind"] == "predict"]
EXAMPLES = [record for record in JUDGED if record["kind"] == "examples"]
ARRAYS = {
    "float": np.float32, "double": np.float64, "int32": np.int32, "uint8": np.uint8,
    "int16": np.int16, "int8": np.int8, "int64": np.int64, "bool": np.bool_,
    "uint32": np.uint32, "uint64": np.uint64,
}  # fmt: skip


def body(record: dict[str, Any]) -> bytes:
    sent: str = record["body"]
    return sent.encode("latin-1")


def inputs(record: dict[str, Any]) -> dict[str, TensorInfo]:
    return {
        name: TensorInfo(f"{name}:0", DataType[dtype.upper()])
        for name, dtype in record["inputs"].items()
    }


def array(dtype: str, found: dict[str, Any]) -> np.ndarray:
    if dtype == "string":
        values = np.empty(len(found["values"]), np.object_)
        values[:] = [value.encode("latin-1") for value in found["values"]]
    else:
        # Floats are texts, as JSON has neither infinities nor NaN; each reads back as it was.
        as_text = dtype in ("float", "double")
        plain = [float(value) if as_text else value for value in found["values"]]
        values = np.array(plain, ARRAYS[dtype])
    return values.reshape(found["shape"])


def read_predict(
    record: dict[str, Any],
) -> tuple[str, json_request.Format, dict[str, texts.Tensor]]:
    document = json_body.parse_object(body(record))
    name = json_body.signature_name(document)
    return name, *json_request.read_inputs(document, inputs(record))


def read_examples(record: dict[str, Any]) -> list[dict[str, Any]]:
    document = json_body.parse_object(body(record))
    json_body.signature_name(document)
    found = []
    for serialized in json_examples.read_examples(document):
        example = example_pb2.Example.FromString(serialized)
        kinds = {
            name: (feature.WhichOneof("kind"), feature)
            for name, feature in example.features.feature.items()
        }
        found.append(
            {
                name: [
                    kind,
                    [repr(value) for value in getattr(feature, kind).value] if kind else [],
                ]
                for name, (kind, feature) in kinds.items()
            }
        )
    return found


@pytest.mark.medium
@pytest.mark.parametrize("record", [r for r in PREDICT if "arrays" in r], ids=lambda r: r["body"])
def test_the_same_tensors_are_read(record: dict[str, Any]):
    name, form, arrays = read_predict(record)
    assert (name, form.name) == (record["signature_name"], record["format"])
    assert arrays.keys() == record["arrays"].keys()
    for name, expected in record["arrays"].items():
        wanted = array(record["inputs"][name], expected)
        found = texts.unpacked(arrays[name])
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_array_equal(found, wanted)
        if found.dtype.kind == "f":
            numbers = ~np.isnan(wanted)
            assert (np.signbit(found) == np.signbit(wanted))[numbers].all()


@pytest.mark.medium
@pytest.mark.parametrize("record", [r for r in PREDICT if "error" in r], ids=lambda r: r["body"])
def test_the_same_is_refused_in_the_same_words(record: dict[str, Any]):
    with pytest.raises(StatusError) as caught:
        read_predict(record)
    assert [caught.value.code.name, caught.value.message] == record["error"]


@pytest.mark.parametrize(
    "record", [r for r in EXAMPLES if "examples" in r], ids=lambda r: r["body"]
)
def test_the_same_examples_are_read(record: dict[str, Any]):
    assert read_examples(record) == record["examples"]


@pytest.mark.parametrize("record", [r for r in EXAMPLES if "error" in r], ids=lambda r: r["body"])
def test_the_same_examples_are_refused_in_the_same_words(record: dict[str, Any]):
    with pytest.raises(StatusError) as caught:
        read_examples(record)
    assert [caught.value.code.name, caught.value.message] == record["error"]
