"""`manifest.json`: what a version in an object store holds, and that it is complete."""

from __future__ import annotations

from typing import Annotated, ClassVar

import pydantic

from documents.document import Document
from documents.saved_model import EXTRA

Sha256 = Annotated[str, pydantic.Field(pattern="^[0-9a-f]{64}$")]


class Manifest(Document):
    """Written after all other files of a version."""

    FILE: ClassVar[str] = f"{EXTRA}/manifest.json"
    MEND: ClassVar[str] = "the version is read instead; publishing the model again writes it anew"

    files: dict[str, Sha256]
    """Of every file that is content, by its relative path."""
