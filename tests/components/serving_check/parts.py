"""A served candidate for a check that asks little of it."""

from __future__ import annotations

import dataclasses
from typing import Any

from components.serving_check.served import Served


def served_of(**parts: Any) -> Served:
    """A candidate of these parts; what the check must not ask for is nothing."""
    fields = [each for each in dataclasses.fields(Served) if each.default is dataclasses.MISSING]
    unasked: dict[str, Any] = {
        each.name: None for each in fields if each.default_factory is dataclasses.MISSING
    }
    return Served(**{**unasked, **parts})
