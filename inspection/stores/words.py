"""MLMD's numbers (metadata_store.proto) and encodings in the words of records.py."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from typing import TYPE_CHECKING

from inspection.records import Direction, Value

if TYPE_CHECKING:
    from google.protobuf.message import Message

STEP_STATES = ("unknown", "new", "running", "complete", "failed", "cached", "canceled")
ARTIFACT_STATES = (
    "unknown",
    "pending",
    "live",
    "marked_for_deletion",
    "deleted",
    "abandoned",
    "reference",
)
# DECLARED_OUTPUT, DECLARED_INPUT, INPUT, OUTPUT, INTERNAL_INPUT, INTERNAL_OUTPUT. Pending outputs
# are not written yet, and an internal input is one that TFX resolved by itself.
DIRECTIONS: dict[int, Direction] = {
    1: "output",
    2: "input",
    3: "input",
    4: "output",
    5: "input",
    6: "output",
}
ENDED = frozenset({"complete", "failed", "cached", "canceled"})

_STRUCT = "mlmd-struct::"
# TFX's name for the only field of a struct that stands for something else than a mapping.
_WRAPPED = "__value__"


def word(words: tuple[str, ...], number: int | None) -> str:
    """The state of that number; a state that only a newer MLMD knows is unknown."""
    return words[number] if number is not None and 0 <= number < len(words) else "unknown"


def time(milliseconds: int | None) -> datetime.datetime | None:
    """None where old schemas recorded nothing, and where a damaged store says nonsense."""
    if not milliseconds:
        return None
    try:
        return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    except (OverflowError, OSError, ValueError, TypeError):
        return None


def text(value: str) -> Value:
    """A string property; a struct, which the wire form of a string holds, becomes JSON."""
    if not value.startswith(_STRUCT):
        return value
    from google.protobuf import message, struct_pb2

    struct = struct_pb2.Struct()
    try:
        struct.ParseFromString(base64.b64decode(value[len(_STRUCT) :], validate=True))
    except (binascii.Error, message.DecodeError, ValueError):
        return value
    return json_text(struct)


def json_text(struct: Message) -> str:
    """A google.protobuf.Struct as JSON."""
    from google.protobuf import json_format

    document = json_format.MessageToDict(struct)
    if list(document) == [_WRAPPED]:
        return str(document[_WRAPPED])
    return json.dumps(document, sort_keys=True)


def proto(serialized_any: bytes) -> str:
    """A proto property, which only its own program can read: type and size."""
    from google.protobuf import any_pb2, message

    packed = any_pb2.Any()
    try:
        packed.ParseFromString(serialized_any)
    except message.DecodeError:
        return f"{len(serialized_any)} bytes"
    return f"{packed.type_url.rpartition('/')[2]}, {len(packed.value)} bytes"
