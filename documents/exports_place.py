"""`.exports.json` in a base path: where the variants of its versions are published."""

from __future__ import annotations

from typing import ClassVar

from documents.document import Document, Text


class ExportsPlace(Document):
    """Written with the variants, so that they are withdrawn and restored with their version."""

    FILE: ClassVar[str] = ".exports.json"
    MEND: ClassVar[str] = "delete it; the next published variants write it anew"

    folder: Text
    """Holds a folder for each version; relative to the base path, as both lie under ROOT."""
