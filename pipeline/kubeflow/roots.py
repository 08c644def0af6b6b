"""Where artifacts of a run can lie: the object stores of each target. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.files.paths import ARTIFACTS, cluster_address, refuse_patterns, refuse_placeholders
from pipeline.kubeflow.postprocess import Target

ROOTS: Mapping[Target, tuple[str, ...]] = {"oss": ("gs", "s3", "minio"), "vertex": ("gs",)}
"""Schemes of a pipeline root. Kubeflow reads oci:// images as inputs, but its driver refuses one as
a root (backend/src/v2/objectstore/config.go in kubeflow/pipelines)."""


def check_root(root: str, target: Target) -> None:
    """Raises:
    ValueError: no run can have it as its pipeline root; the message is the end of a sentence.
    """
    scheme, separator, rest = root.partition("://")
    if scheme not in ROOTS[target] or not separator or not rest.strip("/"):
        known = " or ".join(f"{name}://" for name in ROOTS[target])
        raise ValueError(f"it must begin with {known} and a bucket: {target} writes nowhere else")
    cluster_address(root, ROOTS[target])
    folder, question, _ = root.partition("?")
    if question and (target != "oss" or scheme == "gs"):
        raise ValueError("it holds '?', behind which only s3:// and minio:// have options")
    refuse_patterns(folder, ARTIFACTS)
    refuse_placeholders(root)
