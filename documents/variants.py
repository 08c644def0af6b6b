"""`variants.json`: smaller forms of a model, held against it."""

from __future__ import annotations

from typing import ClassVar

from documents.document import Count, Document, Int64, Part, Text


class VariantMetric(Part):
    """One metric on one slice, of the model and of its variant."""

    metric: str
    slice: str
    """`overall`, or `feature=value`."""
    before: float | None
    """Of the model; None where it is not a number."""
    now: float | None
    drop: float | None
    """How much worse the variant is, in the metric's own unit; negative when it is better."""
    max_drop: float
    ok: bool


class Measurement(Part):
    """What a form of the model costs on the machine of the run, alone in a process."""

    bytes: Count
    gzip_bytes: Count | None = None
    """Of a file, as gzip packs it."""
    p50_ms: float | None = None
    """Of one example at a time, on one thread."""
    p95_ms: float | None = None
    peak_bytes: Count | None = None
    """Memory above that of the process without the model; None where the system does not tell."""


class Variant(Part):
    """One form of the model."""

    name: str
    blessed: bool
    reason: Text | None = None
    """Why it is not blessed, one sentence."""
    file: Text | None = None
    """In the folder of the export: a .tflite file, or the folder of a SavedModel."""
    sha256: str | None = None
    """Of the file, or of the listing of the folder's files."""
    sparsity: float | None = None
    """Of a pruned one, the share of zeros in what was trained."""
    measured: Measurement | None = None
    metrics: tuple[VariantMetric, ...] = ()
    """The largest drop, for its limit, first."""


class VariantInput(Part):
    """What the .tflite files take, by one name."""

    name: str
    feature: Text | None = None
    """What the settings call it, which may be any text."""
    shape: tuple[int, ...]
    """Without the batch, which comes first."""
    kind: str
    low: float | None = None
    """Of an image, the range of its pixels."""
    high: float | None = None
    missing: str | None = None


class Variants(Document):
    """Lies in the artifact of the Variants node, and beside the variants that it published."""

    FILE: ClassVar[str] = "variants.json"
    MEND: ClassVar[str] = "run again with --no-cache to have the variants made anew"

    model: Text
    version: Int64 | None = None
    """Under which they are published; None where the model was not pushed."""
    run_id: str | None = None
    content_digest: str | None = None
    """Of the model that they were made of."""
    path: Text | None = None
    """Folder of the published ones; None where none is."""
    reason: Text | None = None
    """Why none could be made at all, or be published, one sentence."""
    float_model: Measurement | None = None
    """Of the model itself, as it is served."""
    inputs: tuple[VariantInput, ...] = ()
    labels: tuple[str, ...] | None = None
    output: str | None = None
    variants: tuple[Variant, ...] = ()
    machine: Text | None = None
