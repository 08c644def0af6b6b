"""Where an artifact is kept: an executor may work on a local copy of what is in an object store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfx import types

KEPT_AT = "kept_at"
"""Custom property of an artifact of which an executor is given a copy."""


def kept_at(artifact: types.Artifact) -> str:
    """The address that others can use, for what is written down."""
    return artifact.get_string_custom_property(KEPT_AT) or str(artifact.uri)
