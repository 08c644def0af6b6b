"""Who has the turn to change a base path in an object store, where nothing can be locked."""

from __future__ import annotations

from typing import ClassVar

from documents.document import Document


class LeaseNote(Document):
    """Written anew while it is held, so that whoever waits sees that its owner lives."""

    FILE: ClassVar[str] = ".publish.lock"
    MEND: ClassVar[str] = "delete it when no process changes the base path"

    owner: str
    """Machine and process, and what no other has."""
    beat: int
    """How often it was written."""
    held: bool
    """False once the owner is done."""
