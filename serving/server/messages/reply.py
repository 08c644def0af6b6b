"""A response of which large parts are serialized already."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

from serving.server.tensors.protobuf import Part


@dataclasses.dataclass(frozen=True)
class Reply:
    """Is serialized like a message."""

    message: Any
    """What is not."""
    parts: list[Part]
    """Fields of the message; used up as they are serialized."""

    @property
    def model_spec(self) -> Any:
        return self.message.model_spec

    def SerializeToString(self) -> bytes:  # As messages have it.
        """The whole."""
        # Each part goes as it is copied: all of them and the whole would be the answer twice.
        whole = io.BytesIO()
        whole.write(self.message.SerializeToString())
        self.parts.reverse()
        while self.parts:
            whole.write(self.parts.pop())
        return whole.getvalue()
