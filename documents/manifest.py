"""`manifest.json`: what a version in an object store holds, or will once it is complete."""

from __future__ import annotations

from typing import Annotated, ClassVar

import pydantic

from documents.document import Document
from documents.saved_model import EXTRA

Sha256 = Annotated[str, pydantic.Field(pattern="^[0-9a-f]{64}$")]


class Manifest(Document):
    """Written before all other files of a version, and only where there is none."""

    FILE: ClassVar[str] = f"{EXTRA}/manifest.json"
    MEND: ClassVar[str] = "the version is read instead; publishing the model again writes it anew"

    files: dict[str, Sha256]
    """Of every file that is content, by its relative path."""
