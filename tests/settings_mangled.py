"""Settings that hypothesis mangles, and what they are mangled with."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from pipeline.settings import REPOSITORY

QUICK = (REPOSITORY / "configs" / "quick.yaml").read_text()
DOCUMENT = yaml.safe_load(QUICK)
TABLE = yaml.safe_load(
    """
name: trips
data:
  format: csv
  files: trips.csv
  csv: {delimiter: ";", quote: "'", encoding: utf-8}
  split: {train: 8, eval: 1, test: 1, by: content}
  quarantine: 0.01
features:
  fare: {kind: number, min: 0, max: 100, default: 0, decimal: ",", thousands: ".", unit: "€"}
  day: {kind: date, format: "%Y-%m-%d"}
  company: {kind: category, vocabulary: 10}
  remark: {kind: text, vocabulary: 10, ngrams: 1}
  photo: {kind: image, size: [8, 8], channels: 3}
  tip: {kind: ignore}
label: {name: big, kind: classes, values: ["no", "yes"], formula: tip > 0.2 * fare}
training: {epochs: 1, batch_size: 8, learning_rate: 0.01, seed: 0, early_stopping: {patience: 2}}
evaluation:
  metrics:
    - metric: AUC
      overall: {min: 0.1, max_drop: 0.9}
      per_slice:
        company: {min: 0.1}
serving_check: {growth_requests: 100, latency_requests: 50}
push: {confirm_seconds: 1}
"""
)
NO_ROOT = "/no/[root]"
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, 10**20, -1, 0, 2**70])
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "~", "a\n", "x" * 5_000, "/a/../b", "gs://", "ftp://h", "{SPAN}", "[1]"])
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = value if isinstance(value, dict) else range(len(value) if type(value) is list else 0)
    below = [found for key in keys for found in paths(value[key], (*path, key))]
    return [*([path] if path else []), *below]
