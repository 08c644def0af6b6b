"""What a validator said about a candidate: the part of `verdict.json` that all of them write."""

from __future__ import annotations

from typing import ClassVar

from documents.document import Document, Int64, Part, Text


class BaselineReference(Part):
    """The version that a candidate was compared with."""

    version: Int64
    digest: str
    """Its content digest."""


class Verdict(Document):
    """Lies in the folder of a ModelBlessing or InfraBlessing artifact."""

    FILE: ClassVar[str] = "verdict.json"
    MEND: ClassVar[str] = "run again with --no-cache to have it judged anew"

    blessed: bool
    reason: Text | None = None
    """Why the candidate is refused, one sentence."""
    content_digest: str | None = None
    """Of the bytes that were judged."""
    baseline: BaselineReference | None = None
    """What they were compared with; None when nothing was live."""
