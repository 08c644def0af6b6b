"""`verdict.json` of the ServingCheck."""

from __future__ import annotations

from documents.document import Count, Part
from documents.verdict import Verdict


class CheckRow(Part):
    """One thing that the served candidate had to do."""

    name: str
    ok: bool
    expected: str = ""
    found: str = ""


class ServingVerdict(Verdict):
    """Whether a candidate was served as it should be."""

    backend: str | None = None
    """Which model server answered."""
    checks: tuple[CheckRow, ...] = ()
    latency_ms: dict[str, float] | None = None
    """`p50` and `p99` of single requests."""
    test_accuracy: float | None = None
    """On the test split, through the served model."""
    test_r2: float | None = None
    """The same of numbers: the share of their variance that is explained, at most 1."""
    test_examples: Count | None = None
    warm_up_sha256: str | None = None
    """Of the warm-up file beside it, which is pushed with the model."""
