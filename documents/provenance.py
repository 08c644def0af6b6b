"""`provenance.json`: what a published version was made from and why it was pushed.

It lies in the version itself, so that lineage outlives the metadata store. docs/base_path.md
describes each key.
"""

from __future__ import annotations

from typing import Any, ClassVar

from documents.document import Count, Document, Int64, Part, Text
from documents.evaluator_verdict import MetricRow
from documents.saved_model import EXTRA
from documents.training_record import FeatureModules, HubModule, TrainingData
from documents.verdict import BaselineReference


class CheckSummary(Part):
    """What the serving check said."""

    blessed: bool | None = None
    backend: str | None = None
    checks: dict[str, bool] | None = None
    """Whether each passed, by name."""
    latency_ms: dict[str, float] | None = None


class ArtifactReference(Part):
    """An input of the push in ML Metadata."""

    id: Count | None = None
    uri: Text | None = None


class WithdrawalNote(Part):
    """Why a push was taken back by who made it."""

    at: str | None = None
    reason: Text | None = None


class Provenance(Document):
    """Null is what nobody recorded."""

    FILE: ClassVar[str] = f"{EXTRA}/provenance.json"
    MEND: ClassVar[str] = (
        "the version is served as before, and publishing the model again writes it anew"
    )

    model: Text | None = None
    version: Int64 | None = None
    pushed_at: str | None = None
    """UTC, ISO 8601."""
    push_id: str | None = None
    run_id: str | None = None
    content_digest: str | None = None
    """Of what the validators judged, which is what was published."""
    warm_up_sha256: str | None = None
    baseline: BaselineReference | None = None
    """The version that it was compared with."""
    data: TrainingData | None = None
    schema_sha256: str | None = None
    code_hash: str | None = None
    hub: HubModule | None = None
    modules: FeatureModules = None
    training: dict[str, Any] | None = None
    labels: tuple[str, ...] | None = None
    metrics: tuple[MetricRow, ...] = ()
    serving_check: CheckSummary | None = None
    test_accuracy: float | None = None
    """On the test split, through the served model."""
    test_r2: float | None = None
    """The same of numbers: the share of their variance that is explained, at most 1."""
    test_examples: Count | None = None
    packages: dict[str, str] | None = None
    artifacts: dict[str, ArtifactReference] | None = None
    withdrawn: WithdrawalNote | None = None
