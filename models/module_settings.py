"""What settings say of a TensorFlow Hub module. Without TensorFlow."""

from __future__ import annotations

from typing import Annotated

import pydantic

from documents.settings.section import Section


class HubSettings(Section):
    """A TensorFlow Hub module inside the model."""

    handle: str = pydantic.Field(min_length=1, max_length=4_095)
    sha256: str | None = None
    trainable: bool = True
    max_megabytes: int = pydantic.Field(512, ge=1, le=10_000_000)
    allow_http: bool = False


def _handle_alone(module: object) -> object:
    return {"handle": module} if isinstance(module, str) else module


OwnModule = Annotated[HubSettings | None, pydantic.BeforeValidator(_handle_alone)]
"""The module that a feature has for itself; a handle alone will do."""
