"""The messages of TensorFlow Serving that a client needs, in a descriptor pool of their own.

The generated modules of tensorflow-serving-api import the TensorFlow package, and register what a
later `import tensorflow` registers again. Names, numbers and types of the fields here are those of
tensorflow_serving/apis/*.proto, tensorflow/core/framework/{tensor,tensor_shape}.proto and
tensorflow/core/protobuf/meta_graph.proto; enums travel as int32.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "client"
_FILE = "client.proto"
_MAP = "map"
_Field = descriptor_pb2.FieldDescriptorProto

_MESSAGES = {
    "Int64Value": "1 value int64",
    "ModelSpec": "1 name string, 2 version Int64Value, 3 signature_name string",
    "Dim": "1 size int64, 2 name string",
    "TensorShape": "2 dim repeated Dim, 3 unknown_rank bool",
    "Tensor": (
        "1 dtype int32, 2 tensor_shape TensorShape, 4 tensor_content bytes,"
        " 5 float_val repeated float, 6 double_val repeated double, 7 int_val repeated int32,"
        " 8 string_val repeated bytes, 10 int64_val repeated int64, 11 bool_val repeated bool,"
        " 13 half_val repeated int32, 16 uint32_val repeated uint32, 17 uint64_val repeated uint64"
    ),
    "PredictRequest": "1 model_spec ModelSpec, 2 inputs map Tensor",
    "PredictResponse": "2 model_spec ModelSpec, 1 outputs map Tensor",
    "GetModelMetadataRequest": "1 model_spec ModelSpec, 2 metadata_field repeated string",
    "Any": "1 type_url string, 2 value bytes",
    "GetModelMetadataResponse": "1 model_spec ModelSpec, 2 metadata map Any",
    "TensorInfo": "1 name string, 2 dtype int32, 3 tensor_shape TensorShape",
    "SignatureDef": "1 inputs map TensorInfo, 2 outputs map TensorInfo, 3 method_name string",
    "SignatureDefMap": "1 signature_def map SignatureDef",
    "GetModelStatusRequest": "1 model_spec ModelSpec",
    "Status": "1 error_code int32, 2 error_message string",
    "ModelVersionStatus": "1 version int64, 2 state int32, 3 status Status",
    "GetModelStatusResponse": "1 model_version_status repeated ModelVersionStatus",
}


def _field(message: Any, text: str) -> None:
    number, name, *many, kind = text.split()
    field = message.field.add(name=name, number=int(number))
    field.label = _Field.LABEL_REPEATED if many else _Field.LABEL_OPTIONAL
    if many == [_MAP]:
        # The name that protoc gives it, and that the pool checks.
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _field(entry, "1 key string")
        _field(entry, f"2 value {kind}")
        kind = f"{message.name}.{entry.name}"
    if kind[0].isupper():
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    else:
        field.type = getattr(_Field, f"TYPE_{kind.upper()}")


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name=_FILE, package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields.split(", "):
            _field(message, text)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return pool


_POOL = _pool()


def _message(name: str) -> Any:
    descriptor = _POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}")
    if hasattr(message_factory, "GetMessageClass"):  # protobuf 4 and later
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(_POOL).GetPrototype(descriptor)


Tensor = _message("Tensor")
SignatureDefMap = _message("SignatureDefMap")
PredictRequest = _message("PredictRequest")
PredictResponse = _message("PredictResponse")
GetModelMetadataRequest = _message("GetModelMetadataRequest")
GetModelMetadataResponse = _message("GetModelMetadataResponse")
GetModelStatusRequest = _message("GetModelStatusRequest")
GetModelStatusResponse = _message("GetModelStatusResponse")
