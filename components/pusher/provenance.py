"""Puts together what a published version was made from and why it was pushed. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from documents.evaluator_verdict import EvaluatorVerdict
from documents.provenance import ArtifactReference, CheckSummary, Provenance
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord

_TRAINED = ("steps", "examples_seen", "seconds", "final_loss", "eval_accuracy")


def build(
    *,
    model_name: str | None,
    version: int,
    pushed_at: str,
    push_id: str,
    run_id: str | None,
    content_digest: str,
    warm_up_sha256: str | None,
    training: TrainingRecord | None,
    evaluation: EvaluatorVerdict | None,
    serving_check: ServingVerdict | None,
    artifacts: Mapping[str, ArtifactReference],
) -> Provenance:
    """The document, with null for what nobody recorded.

    Args:
      pushed_at: UTC time, ISO 8601.
      training: of the Model artifact.
      content_digest: of what the validators judged, which is what is published.
      warm_up_sha256: of the warm-up file; None when there is none.
      evaluation: of the Evaluator.
      serving_check: of the ServingCheck.
      artifacts: id and uri in ML Metadata by input name.
    """
    record = training or TrainingRecord()
    return Provenance(
        format=Provenance.FORMAT,
        model=model_name,
        version=version,
        pushed_at=pushed_at,
        push_id=push_id,
        run_id=run_id,
        content_digest=content_digest,
        warm_up_sha256=warm_up_sha256,
        baseline=evaluation.baseline if evaluation else None,
        data=record.data,
        schema_sha256=record.schema_sha256,
        code_hash=record.code_hash,
        hub=record.hub,
        modules=record.modules,
        training={
            **(record.training or {}),
            **{key: value for key, value in record.as_written().items() if key in _TRAINED},
        },
        labels=record.labels,
        metrics=evaluation.metrics if evaluation else (),
        serving_check=_summary(serving_check) if serving_check else None,
        test_accuracy=serving_check.test_accuracy if serving_check else None,
        test_r2=serving_check.test_r2 if serving_check else None,
        test_examples=serving_check.test_examples if serving_check else None,
        packages=record.packages,
        artifacts=dict(artifacts),
    )


def _summary(verdict: ServingVerdict) -> CheckSummary:
    return CheckSummary(
        blessed=verdict.blessed,
        backend=verdict.backend,
        checks={check.name: check.ok for check in verdict.checks},
        latency_ms=verdict.latency_ms,
    )
