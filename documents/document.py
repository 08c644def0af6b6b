"""What every document has in common: one JSON object with a format number, typed, never changed."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar

import pydantic
from typing_extensions import Self

Int64 = Annotated[int, pydantic.Field(ge=-(2**63), le=2**63 - 1)]
"""A number of a version, an id of ML Metadata; neither holds more."""
Count = Annotated[int, pydantic.Field(ge=0, le=2**63 - 1)]


def _writable(value: Any) -> Any:
    """Half characters, as a path that is not UTF-8 has them, are written out."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


Text = Annotated[str, pydantic.BeforeValidator(_writable)]
"""What people typed, and paths."""


class Part(pydantic.BaseModel):
    """An object inside a document. Keys that a newer release has added are kept."""

    model_config = pydantic.ConfigDict(
        extra="allow",
        frozen=True,
        strict=True,
        protected_namespaces=(),
        ser_json_inf_nan="constants",
        # Few commands read every document, and most start sooner without.
        defer_build=True,
    )

    def as_written(self) -> dict[str, Any]:
        """The JSON object with the keys that were given, and no others."""
        return self.model_dump(mode="json", exclude_unset=True)

    def replaced(self, **values: Any) -> Self:
        """The same with other values, which are held against their types."""
        known = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate({**known, **values})


class Document(Part):
    """One JSON object in a file, or on a line of one.

    A subclass names its file and says what to do about a damaged one. New keys have a default, so
    older files stay readable, and do not raise FORMAT; a key that changes its meaning does.
    """

    FILE: ClassVar[str]
    """Its place in the folder that it describes."""
    MEND: ClassVar[str]
    """What to do about a damaged one: the end of a sentence."""
    FORMAT: ClassVar[int] = 1

    format: Count = 1

    def as_dict(self) -> dict[str, Any]:
        """The JSON object: null where nothing is known, the keys of newer releases last."""
        return self.model_dump(mode="json")

    def encode(self) -> bytes:
        """The bytes of a file that people can read: what was given, and nothing that was not."""
        written = {"format": self.format, **self.as_written()}
        return (json.dumps(written, indent=1) + "\n").encode()
