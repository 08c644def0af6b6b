"""`report.json`: everything that one serving check found."""

from __future__ import annotations

from typing import ClassVar

from documents.document import Document, Part, Text
from documents.serving_verdict import CheckRow


class Cost(Part):
    """What the check itself took."""

    seconds: float
    cpu_seconds: float
    """Of the process that asked, from start to end of the check."""
    server_cpu_seconds: float


class ServingReport(Document):
    """Verdict and evidence, in the folder of a ServingReport artifact.

    Each check adds what it measured under a key of its own.
    """

    FILE: ClassVar[str] = "report.json"
    PAGE: ClassVar[str] = "report.html"
    """The same for people, beside it."""
    MEND: ClassVar[str] = "run again with --no-cache to have it written anew"

    blessed: bool
    reason: Text | None = None
    """Why the candidate is refused, one sentence."""
    model_name: str
    backend: str
    """Which model server answered."""
    data_source: str
    """Where the examples came from, as the pipeline said."""
    checks: tuple[CheckRow, ...]
    cost: Cost | None = None
