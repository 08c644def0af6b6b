"""A response of which large parts are serialized already."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from serving.server.wire import Part


@dataclasses.dataclass(frozen=True)
class Reply:
    """Is serialized like a message."""

    message: Any
    """What is not."""
    parts: Sequence[Part]
    """Fields of the message."""

    @property
    def model_spec(self) -> Any:
        return self.message.model_spec

    def SerializeToString(self) -> bytes:  # As messages have it.
        """The whole."""
        return b"".join((self.message.SerializeToString(), *self.parts))
