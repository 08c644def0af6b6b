"""MLMD's numbers (metadata_store.proto) and encodings in the words of records.py."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

from documents.terminal.counted import counted
from inspection.history.records import Direction, Value
from inspection.history.states import FAILED, SKIPPED, SUCCESSFUL

if TYPE_CHECKING:
    from google.protobuf.message import Message

M = TypeVar("M", bound="Message")
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
ENDED = frozenset({*SUCCESSFUL, *FAILED, SKIPPED})

STRUCT = "mlmd-struct::"
# TFX's name for the only field of a struct that stands for something else than a mapping.
_WRAPPED = "__value__"


def word(words: tuple[str, ...], number: int | None) -> str:
    """The state of that number; a state that only a newer MLMD knows is unknown."""
    return words[number] if number is not None and 0 <= number < len(words) else "unknown"


def time(milliseconds: int | None) -> datetime.datetime | None:
    """None where old schemas recorded nothing, and where a damaged store says nonsense."""
    try:
        if not milliseconds or milliseconds < 0:
            return None
        return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    except (OverflowError, OSError, ValueError, TypeError):
        return None


def text(value: str) -> Value:
    """A string property; a struct, which the wire form of a string holds, becomes JSON."""
    if not value.startswith(STRUCT):
        return value
    from google.protobuf import struct_pb2

    try:
        struct = _parsed(struct_pb2.Struct(), base64.b64decode(value[len(STRUCT) :], validate=True))
        return value if struct is None else json_text(struct)
    except (binascii.Error, ValueError, RecursionError):
        return value


def json_text(struct: Message) -> str:
    """A google.protobuf.Struct as JSON; a number that is none, as Python's json writes it."""
    document = _plain(struct)
    if isinstance(document, dict) and list(document) == [_WRAPPED]:
        found = document[_WRAPPED]
        return found if isinstance(found, str) else json.dumps(found, sort_keys=True)
    return json.dumps(document, sort_keys=True)


def _plain(value: Any) -> Any:
    """What json_format makes of a struct, which refuses infinite numbers."""
    if hasattr(value, "fields"):
        return {key: _plain(each) for key, each in value.fields.items()}
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _plain(value.struct_value)
    if kind == "list_value":
        return [_plain(each) for each in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def proto(stored: bytes | str) -> str:
    """A proto property, which only its own program can read: type and size.

    Args:
      stored: a google.protobuf.Any, which MLMD's databases hold as base64 text.
    """
    from google.protobuf import any_pb2

    content = stored if isinstance(stored, bytes) else _decoded(stored)
    packed = _parsed(any_pb2.Any(), content)
    if packed is None:
        return counted(len(content), "byte")
    return f"{packed.type_url.rpartition('/')[2]}, {counted(len(packed.value), 'byte')}"


def _parsed(target: M, content: bytes) -> M | None:
    """The message in `content`; None where it is another thing, or more than the message."""
    from google.protobuf.message import DecodeError

    with warnings.catch_warnings():
        # The oldest implementation warns of what it stops at; all of them tell how far they came.
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return target if target.ParseFromString(content) == len(content) else None
        except DecodeError:
            return None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")
