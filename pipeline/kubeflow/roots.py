"""Where artifacts of a run can lie: the object stores of each target. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.kubeflow.postprocess import Target

ROOTS: Mapping[Target, tuple[str, ...]] = {"oss": ("gs", "s3", "minio"), "vertex": ("gs",)}
"""Schemes of a pipeline root. Kubeflow reads oci:// images as inputs, but its driver refuses one as
a root (backend/src/v2/objectstore/config.go in kubeflow/pipelines)."""
