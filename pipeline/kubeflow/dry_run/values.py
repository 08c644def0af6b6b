"""Parameter values as Go's protobuf writes, converts and reads them. Pure.

Source: kubeflow/pipelines backend/src/v2/metadata/converter.go and driver/resolve.go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "STRING": str,
    "NUMBER_INTEGER": (int, float),
    "NUMBER_DOUBLE": (int, float),
    "BOOLEAN": bool,
    "LIST": list,
    "STRUCT": dict,
}
_LARGEST = 1e21
"""From here on Go writes numbers with an exponent."""


def as_json(value: Any) -> Any:
    """`value` as protobuf's JSON has it: every number is a double, and 2.0 is written 2."""
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
        return int(value)
    return value


def defaults(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults among parameter definitions, by name."""
    return {
        key: as_json(definition["defaultValue"])
        for key, definition in definitions.items()
        if "defaultValue" in definition
    }


def as_declared(value: Any, kind: str) -> Any:
    """`value` for a parameter of type `kind`: a STRING takes whatever comes, as text.

    Raises:
      ValueError: the value is of another type.
    """
    if kind == "STRING":
        return as_text(value)
    expected = _TYPES.get(kind)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = is_number if kind.startswith("NUMBER") else isinstance(value, expected or object)
    if not fits:
        raise ValueError(f"is {as_text(value)!r}, which is no {kind}")
    return value


def as_text(value: Any) -> str:
    """`value` as the driver makes text of it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return json.dumps(value)


def from_text(text: str, kind: str) -> Any:
    """What an output parameter's file holds, read as the launcher reads it.

    Raises:
      ValueError: the text is of another type.
    """
    if kind == "STRING":
        return text
    if kind == "NUMBER_INTEGER":
        return int(text.strip())
    if kind == "NUMBER_DOUBLE":
        return float(text.strip())
    value = {"true": True, "false": False}.get(text.strip().lower())
    return as_declared(json.loads(text) if value is None else value, kind)
