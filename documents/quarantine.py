"""`quarantine.jsonl`: rows and files of the data that could not be read, one on each line."""

from __future__ import annotations

from typing import ClassVar

from documents.document import Count, Document, Text


class QuarantinedRow(Document):
    """Lies in the Examples artifact, which holds every other row."""

    FILE: ClassVar[str] = "quarantine.jsonl"
    MEND: ClassVar[str] = "run again with --no-cache to write it"

    path: Text
    line: Count | None = None
    """Its first line, from 1; its number in a file without lines; None for a whole file."""
    reason: Text
    """The end of a sentence about it."""
