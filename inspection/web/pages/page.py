"""What every page is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Page:
    """A template and its values."""

    template: str
    title: str
    values: Mapping[str, Any]


class MissingError(LookupError):
    """There is nothing of that name; the message says what there is."""
