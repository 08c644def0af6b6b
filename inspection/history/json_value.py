"""JSON in the properties of records, which anybody may have written."""

from __future__ import annotations

import json
from typing import Any


def json_object(value: object) -> dict[str, Any]:
    """The object that a property holds; empty when it holds none."""
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
