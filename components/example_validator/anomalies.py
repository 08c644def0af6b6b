"""Anomalies in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tensorflow_metadata.proto.v0 import anomalies_pb2


class AnomalyError(ValueError):
    """The examples do not fit the curated schema; the message names the worst finding."""


def describe(anomalies: Mapping[str, anomalies_pb2.Anomalies]) -> list[str]:
    """One clause for each anomaly, `split feature: what`, in a stable order.

    Args:
      anomalies: what TensorFlow Data Validation found, by split name.
    """
    found = []
    for split, report in sorted(anomalies.items()):
        for feature, info in sorted(report.anomaly_info.items()):
            found.append(f"split {split}, feature {feature}: {info.description.rstrip('.')}")
        for reason in report.dataset_anomaly_info.reason:
            found.append(f"split {split}: {reason.description.rstrip('.')}")
    return found


def refusal(findings: list[str]) -> str:
    """One sentence for a run that the gate stops."""
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return (
        f"The examples do not fit the schema: {findings[0]}{more}; "
        "mend the data or the schema_file, or go on with --set anomalies=warn."
    )
