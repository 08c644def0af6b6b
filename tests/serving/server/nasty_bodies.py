"""Request bodies that are hard on a server: large ones of little, and small ones that mean much.

Each is made to be about as large as it is asked to be. What they have in common is that they must
be answered, by whatever status below 500, at a cost in proportion to their size.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections.abc import Callable
from typing import Any

from google.protobuf.internal import encoder
from tensorflow.core.example import example_pb2
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2, types_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)


@dataclasses.dataclass(frozen=True)
class Rest:
    """A body to be posted."""

    make: Callable[[int], bytes]
    """Given a size in bytes."""
    verb: str = "predict"
    packed: bool = False
    """Whether it is sent with `Content-Encoding: gzip`."""


def instances(
    element: str,
    signature: str = "float32",
    first: str = "",
    last: str = "",
    key: str = "instances",
) -> Rest:
    """A list of one element again and again, with another one at its beginning or end."""

    def make(size: int) -> bytes:
        head = f'{{"signature_name": "{signature}", "{key}": ['
        elements = f"{element}," * (size // (len(element) + 1))
        return f"{head}{first}{elements}{last or element}]}}".encode("utf-8", "surrogateescape")

    return Rest(make, "classify" if key == "examples" else "predict")


def around(head: str, filling: str, tail: str, verb: str = "predict") -> Rest:
    """One piece again and again between two others."""

    def make(size: int) -> bytes:
        text = head + filling * (size // len(filling.encode("utf-8", "surrogateescape"))) + tail
        return text.encode("utf-8", "surrogateescape")

    return Rest(make, verb)


def nested(opening: str, middle: str, closing: str, head: str = '{"instances": ') -> Rest:
    """As deep as the size allows."""

    def make(size: int) -> bytes:
        depth = size // (len(opening) + len(closing))
        return (head + opening * depth + middle + closing * depth + "}").encode()

    return Rest(make)


def members(*, same_names: bool) -> Rest:
    """An object with many members."""

    def make(size: int) -> bytes:
        names = (0 if same_names else number for number in range(size // 12))
        return ('{"inputs": {' + ",".join(f'"n{name:07d}":1' for name in names) + "}}").encode()

    return Rest(make)


def columns() -> Rest:
    """Many inputs of some thousand values each; no signature has so many."""
    values = ",".join(["1"] * 10_000)

    def make(size: int) -> bytes:
        names = range(size // len(values))
        return (
            '{"inputs": {' + ",".join(f'"n{name}":[{values}]' for name in names) + "}}"
        ).encode()

    return Rest(make)


def features(where: str) -> Rest:
    """One example, or a context, of many features of one number."""

    def make(size: int) -> bytes:
        many = ",".join(f'"n{number:07d}":1' for number in range(size // 12))
        parts = {"examples": '[{"x":0.5}]', "context": "{}", where: f'{{"x":0.5,{many}}}'}
        parts["examples"] = parts["examples"].strip("[]")
        return (
            f'{{"signature_name":"classify","context":{parts["context"]},'
            f'"examples":[{parts["examples"]}]}}'
        ).encode()

    return Rest(make, "classify")


def bomb(make: Callable[[int], bytes]) -> Rest:
    """Packed; the size is that of what it unpacks to."""
    return Rest(lambda size: gzip.compress(make(size)), packed=True)


def _two_rows(size: int, head: str, tail: str, more: str = "") -> bytes:
    row = f"{head}{'1,' * (size // 4)}1"
    return f'{{"signature_name":"float32","instances":[{row}{tail},{row}{more}{tail}]}}'.encode()


REST = {
    "ragged rows": instances("[1]", last="[1,2]"),
    "rows of one number": instances("[1]"),
    "rows of two levels": instances("[[7]]"),
    "digits": instances("1"),
    "digits for small integers": instances("1", "int8"),
    "digits for another type": instances("1", "string"),
    "images": instances(f"[{','.join(['[0,17,255]'] * 99)}]"),
    "decimals": instances("0.12345678901"),
    "numbers that are not": instances("NaN"),
    "short infinities": instances("Inf"),
    "nulls": instances("null"),
    "flags": instances("true", "bool"),
    "flags for numbers": instances("1", last="true"),
    "texts": instances('"ab"', "string"),
    "empty texts": instances('""', "string"),
    "texts with colons": instances('"a:b"', "string"),
    "bytes": instances('{"b64":"YQ=="}', "string"),
    "bytes that are none": instances('{"b64":"YQ=="}', "string", last='{"b64":"!"}'),
    "bytes twice": instances('{"b64":"","b64":""}', "string"),
    "empty lists": instances("[]"),
    "empty lists before a list": instances("[]", last="[[]]"),
    "empty objects": instances("{}"),
    "named rows": instances('{"x":1}'),
    "named rows, one of another name": instances('{"x":1}', last='{"y":1}'),
    "named rows, a name twice": instances('{"x":1,"x":1}'),
    "named rows of a pair": instances('{"a":1,"b":2}', "two"),
    "one column": instances("1", key="inputs"),
    "one ragged column": instances("[1]", key="inputs", last="[]"),
    "a deep column with an error at its end": around(
        '{"signature_name":"float32","inputs":' + "[" * 30, "1,", '"a"' + "]" * 30 + "}"
    ),
    "brackets": nested("[", "1", "]"),
    "brackets that stay open": around('{"instances":', "[", ""),
    "objects": nested('{"a":', "1", "}"),
    "objects that stay open": around('{"instances":', '{"a":', ""),
    "brackets that are not used": nested("[", "", "]", '{"instances": [[1,2]], "x": '),
    "brackets as the name of a signature": nested("[", "", "]", '{"signature_name": '),
    "a long text": around('{"signature_name":"string","instances":["', "x", '"]}'),
    "a text of escapes": around('{"signature_name":"string","instances":["', "\\u0041", '"]}'),
    "a text of backslashes": around('{"signature_name":"string","instances":["', "\\\\", '"]}'),
    "a text that ends in half a pair": around('{"instances":["', "\\u0041", '\\ud800"]}'),
    "a text of half pairs": around('{"instances":["', "\\udc00", '"]}'),
    "a text that is not UTF-8": around('{"signature_name":"string","inputs":"', "\udcff", '"}'),
    "a text that does not end": around('{"instances":["', "x", ""),
    "a text for a number": around('{"instances":["', "x", '"]}'),
    "a number of many digits": around('{"instances":[', "7", "]}"),
    "a decimal of many digits": around('{"instances":[0.', "7", "]}"),
    "an exponent of many digits": around('{"instances":[1e', "7", "]}"),
    "spaces": around('{"instances":', " ", "[[1,2]]}"),
    "spaces only": around("", " ", ""),
    "what follows the document": around('{"instances":[[1,2]]}', "[", ""),
    "quotation marks": around('{"instances":[', '"",', "]}"),
    "a comma that is missing": instances("1", last="1 1"),
    "many members": members(same_names=False),
    "one member again and again": members(same_names=True),
    "a long name": around('{"instances":[{"', "n", '":1}]}'),
    "a long name of a signature": around('{"signature_name":"', "n", '","instances":[1]}'),
    "zeros": Rest(lambda size: bytes(size)),
    "empty examples": instances("{}", "classify", key="examples"),
    "examples": instances('{"x":0.5}', "classify", key="examples"),
    "examples, a name twice": instances('{"x":0.5,"x":0.5}', "classify", key="examples"),
    "an example of many numbers": around('{"signature_name":"classify","examples":[{"x":[',
                                         "1,", "1]}]}", "classify"),
    "an example of mixed values": around('{"signature_name":"classify","examples":[{"x":[',
                                         "1,true,", "0.5]}]}", "classify"),
    "an example of texts": around('{"signature_name":"classify","examples":[{"x":[',
                                  '"a",', '"a"]}]}', "classify"),
    "texts of one character": instances('"a"', "string"),
    "bytes of nothing": instances('{"b64":""}', "string"),
    "a list that stays open": around('{"signature_name":"float32","instances":[', "1,", ""),
    "lists in one that stays open": around('{"signature_name":"float32","instances":[', "[1],", ""),
    "texts in a list that stays open": around('{"signature_name":"string","instances":[',
                                              '"",', ""),
    "one row of numbers": around('{"signature_name":"float32","instances":[[', "1,", "1]]}"),
    "one row of lists": around('{"signature_name":"float32","instances":[[', "[1],", "[1]]]}"),
    "one row of texts": around('{"signature_name":"string","instances":[[', '"",', '""]]}'),
    "one named row": around('{"signature_name":"float32","instances":[{"x":[', "1,", "1]}]}"),
    "lists that no input needs": around('{"instances":[1],"more":[', "[1],", "1]}"),
    "objects that no input needs": around('{"instances":[1],"more":[', "{},", "1]}"),
    "lists as the name of a signature": around('{"instances":[1],"signature_name":[', "[],", "1]}"),
    "a list of lists": around("[", "[],", "1]"),
    "a context of many numbers": around('{"examples":[{}],"context":{"x":[', "1,", "1]}}",
                                        "classify"),
    "empty examples to regress": Rest(
        instances("{}", "regress", key="examples").make, "regress"),
    "one row of flags": around('{"signature_name":"bool","instances":[[', "true,", "true]]}"),
    "one row of short texts": around('{"signature_name":"string","instances":[[', '"ab",',
                                     '"ab"]]}'),
    "one row of bytes": around('{"signature_name":"string","instances":[[', '{"b64":"YQ=="},',
                               '"ab"]]}'),
    "one row of rows": around('{"signature_name":"float32","instances":[[[', "[1,2],", "[1,2]]]]}"),
    "one column of one row": around('{"signature_name":"float32","inputs":{"x":[[', "1,", "1]]}}"),
    "one row, wrong at its end": around('{"signature_name":"float32","instances":[[', "1,",
                                        '"a"]]}'),
    "two rows of numbers": Rest(lambda size: _two_rows(size, "[", "]")),
    "two named rows of numbers": Rest(lambda size: _two_rows(size, '{"x":[', "]}")),
    "two long rows of other lengths": Rest(lambda size: _two_rows(size, "[", "]", ",1")),
    "different texts": Rest(lambda size: json.dumps({
        "signature_name": "string", "instances": [f"{number:06}" for number in range(size // 10)],
    }).encode()),
    "examples to regress": Rest(
        instances('{"x":0.5}', "regress", key="examples").make, "regress"),
    "an example of many decimals": around('{"signature_name":"classify","examples":[{"x":[',
                                          "0.5,", "1.5]}]}", "classify"),
    "a context for many examples": Rest(lambda size: (
        b'{"signature_name":"classify","context":{"c":"' + b"c" * (size // 2) + b'"},"examples":['
        + b'{"x":0.5},' * (size // 20) + b'{"x":0.5}]}'), "classify"),
    "digits for doubles": instances("1", "float64"),
    "digits for long integers": instances("1", "int64"),
    "texts of one escape": instances('"\\u0041"', "string"),
    "rows of four levels": instances("[[[[1]]]]"),
    "rows of texts": instances('["a","b","c"]', "string"),
    "one column of texts": instances('"a"', "string", key="inputs"),
    "a table of many columns": columns(),
    "an example of many features": features("examples"),
    "a context of many features": features("context"),
    "a long name of an input": around('{"signature_name":"float32","inputs":{"', "n", '":[1]}}'),
    "flags for a class": around('{"signature_name":"', "n", '","examples":[{"x":1}]}', "classify"),
    "packed spaces": bomb(lambda size: b" " * size),
    "packed digits": bomb(instances("1").make),
    "packed empty members": Rest(lambda size: gzip.compress(b"") * (size // 20), packed=True),
    "packed beyond the limit": Rest(lambda size: gzip.compress(bytes(80 << 20)), packed=True),
    "packed and cut": Rest(lambda size: gzip.compress(b"1" * size)[:-9], packed=True),
}  # fmt: skip


_FLOAT, _STRING = types_pb2.DT_FLOAT, types_pb2.DT_STRING
_INT32, _INT64 = types_pb2.DT_INT32, types_pb2.DT_INT64


def tensor(dtype: int, *shape: int, **fields: Any) -> tensor_pb2.TensorProto:
    made = tensor_pb2.TensorProto(dtype=dtype, **fields)
    if shape:
        of_size = {size: tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in {*shape}}
        made.tensor_shape.dim.extend([of_size[size] for size in shape])
    return made


def predict(signature: str, **inputs: tensor_pb2.TensorProto) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "small"
    request.model_spec.signature_name = signature
    for name, proto in inputs.items():
        request.inputs[name].CopyFrom(proto)
    return request


def _many_inputs(size: int) -> _Serialized:
    """Entries of a map, which differ in their names, of one length, alone."""
    entry = predict_pb2.PredictRequest(inputs={"x000000": tensor(1)}).SerializeToString()
    before, after = entry.split(b"000000")
    entries = (b"%b%06d%b" % (before, number, after) for number in range(size // 20))
    return _Serialized(predict("float32").SerializeToString() + b"".join(entries))


def _many_filters(size: int) -> predict_pb2.PredictRequest:
    request = predict("float32", x=tensor(1, 1))
    request.output_filter.extend(["y"] * (size // 3))
    return request


def _examples(size: int) -> classification_pb2.ClassificationRequest:
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "small"
    request.model_spec.signature_name = "classify"
    request.input.example_list.examples.extend([example_pb2.Example()] * (size // 2))
    return request


def _of_kind(kind: Any, signature: str, request: Any) -> Any:
    made = kind(input=request.input)
    made.model_spec.name = "small"
    made.model_spec.signature_name = signature
    return made


def _examples_of_one(size: int) -> classification_pb2.ClassificationRequest:
    request = _examples(0)
    example = example_pb2.Example()
    example.features.feature["x"].float_list.value.append(0.5)
    request.input.example_list.examples.extend([example] * (size // 19))
    return request


def _features(size: int) -> classification_pb2.ClassificationRequest:
    request = _examples(0)
    example = request.input.example_list.examples.add()
    example.features.feature["x"].float_list.value.append(0.5)
    for number in range(size // 24):
        example.features.feature[f"n{number:07d}"].int64_list.value.append(1)
    return request


def _two_inputs(size: int) -> predict_pb2.PredictRequest:
    values = tensor(_INT32, size // 2, int_val=[1] * (size // 2))
    longs = tensor(_INT64, size // 2, int64_val=[1] * (size // 2))
    return predict("two", a=values, b=longs)


def _models(size: int) -> model_management_pb2.ReloadConfigRequest:
    """The last has the name of the first, so that none of them is configured."""
    request = model_management_pb2.ReloadConfigRequest()
    models = request.config.model_config_list
    for number in (*range(size // 20), 0):
        models.config.add(name=f"m{number}", base_path="/", model_platform="tensorflow")
    return request


def _context(size: int) -> classification_pb2.ClassificationRequest:
    request = _examples(0)
    example = example_pb2.Example()
    example.features.feature["x"].float_list.value.append(0.5)
    examples = request.input.example_list_with_context
    examples.context.features.feature["c"].bytes_list.value.append(b"c" * (size // 2))
    examples.examples.extend([example] * (size // 40))
    return request


@dataclasses.dataclass(frozen=True)
class _Serialized:
    """What the library does not write."""

    data: bytes

    def SerializeToString(self) -> bytes:
        return self.data


def _one_by_one(size: int) -> _Serialized:
    """Numbers that are not packed, as clients of the old syntax may send them."""
    head = predict("int64").SerializeToString()
    value = tensor(types_pb2.DT_INT64, size // 2).SerializeToString() + b"\x50\x07" * (size // 2)
    entry = predict_pb2.PredictRequest.InputsEntry(key="x").SerializeToString()
    entry += b"\x12" + _length(len(value)) + value
    return _Serialized(head + b"\x12" + _length(len(entry)) + entry)


def _length(number: int) -> bytes:
    return encoder._VarintBytes(number)


def _tasks(size: int) -> inference_pb2.MultiInferenceRequest:
    request = inference_pb2.MultiInferenceRequest()
    for _ in range(size // 48):
        task = request.tasks.add(method_name="tensorflow/serving/classify")
        task.model_spec.name = "small"
        task.model_spec.signature_name = "classify"
    return request


def _metadata(size: int) -> get_model_metadata_pb2.GetModelMetadataRequest:
    request = get_model_metadata_pb2.GetModelMetadataRequest(
        metadata_field=["signature_def"] * (size // 15)
    )
    request.model_spec.name = "small"
    return request


GRPC: dict[str, tuple[str, Callable[[int], Any]]] = {
    "a splat of gigabytes": ("Predict", lambda size: predict(
        "float32", x=tensor(_FLOAT, 2**28, float_val=[1]))),
    "a splat of texts": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, 2**24, string_val=[b"x" * 600]))),
    "a tensor of nothing": ("Predict", lambda size: predict("float32", x=tensor(_FLOAT, 2**28))),
    "a splat of images": ("Predict", lambda size: predict(
        "uint8", x=tensor(types_pb2.DT_UINT8, 3000, 28, 28, int_val=[1]))),
    "floats": ("Predict", lambda size: predict(
        "float32", x=tensor(_FLOAT, size // 4, float_val=[1.5] * (size // 4)))),
    "too many floats": ("Predict", lambda size: predict(
        "float32", x=tensor(_FLOAT, 1, float_val=[1.5] * (size // 4)))),
    "small integers": ("Predict", lambda size: predict(
        "int8", x=tensor(types_pb2.DT_INT8, size, int_val=[1] * size))),
    "long integers": ("Predict", lambda size: predict(
        "int64", x=tensor(types_pb2.DT_INT64, size, int64_val=[1] * size))),
    "flags": ("Predict", lambda size: predict(
        "bool", x=tensor(types_pb2.DT_BOOL, size, bool_val=[True] * size))),
    "halves": ("Predict", lambda size: predict(
        "half", x=tensor(types_pb2.DT_HALF, size, half_val=[1] * size))),
    "texts": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size // 12, string_val=[b"0123456789"] * (size // 12)))),
    "empty texts": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size // 2, string_val=[b""] * (size // 2)))),
    "texts of one character": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size // 3, string_val=[b"a"] * (size // 3)))),
    "texts of two characters": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size // 4, string_val=[b"ab"] * (size // 4)))),
    "different texts": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size // 10, string_val=[
            b"%08d" % number for number in range(size // 10)]))),
    "texts that end in zero": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size // 6, string_val=[b"abc\0"] * (size // 6)))),
    "texts of very different lengths": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size // 4, string_val=[
            b"x" * (size // 4), *[b"y"] * (size // 4 - 1)]))),
    "one long text": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, 1, string_val=[b"x" * size]))),
    "doubles": ("Predict", lambda size: predict(
        "float64", x=tensor(types_pb2.DT_DOUBLE, size // 8, double_val=[0.1] * (size // 8)))),
    "negative integers": ("Predict", lambda size: predict(
        "int32", x=tensor(types_pb2.DT_INT32, size // 10, int_val=[-1] * (size // 10)))),
    "unsigned integers": ("Predict", lambda size: predict(
        "uint64", x=tensor(types_pb2.DT_UINT64, size, uint64_val=[7] * size))),
    "integers one by one": ("Predict", _one_by_one),
    "examples": ("Classify", _examples_of_one),
    "examples to regress": ("Regress", lambda size: _of_kind(
        regression_pb2.RegressionRequest, "regress", _examples_of_one(size))),
    "a context for many examples": ("Classify", _context),
    "an example of many features": ("Classify", _features),
    "two inputs of integers": ("Predict", _two_inputs),
    "many models": ("HandleReloadConfigRequest", _models),
    "content": ("Predict", lambda size: predict(
        "uint8", x=tensor(types_pb2.DT_UINT8, size, tensor_content=b"7" * size))),
    "texts as content": ("Predict", lambda size: predict(
        "string", x=tensor(_STRING, size, tensor_content=bytes(size)))),
    "many dimensions": ("Predict", lambda size: predict("float32", x=tensor(_FLOAT, *[1] * 254))),
    "far too many dimensions": ("Predict", lambda size: predict(
        "float32", x=tensor(_FLOAT, *[1] * (size // 4)))),
    "dimensions beyond count": ("Predict", lambda size: predict(
        "float32", x=tensor(_FLOAT, 2**40, 2**40, 2**40))),
    "dimensions without end": ("Predict", lambda size: predict("float32", x=tensor(_FLOAT, -1))),
    "many inputs": ("Predict", _many_inputs),
    "many filters": ("Predict", _many_filters),
    "empty examples": ("Classify", _examples),
    "many tasks": ("MultiInference", _tasks),
    "many fields of metadata": ("GetModelMetadata", _metadata),
}  # fmt: skip
