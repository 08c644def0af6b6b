"""`training.json`: how a model was made."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pydantic

from documents.document import Count, Document, Part, Text


class TrainingData(Part):
    """The examples that a model was trained on."""

    source: Text | None = None
    """`folder`, `download` or `sample`."""
    span: Count | None = None
    fingerprint: str | None = None
    examples: dict[str, Count] | None = None
    """How many, by split."""


class HubModule(Part):
    """The TensorFlow Hub module inside a model."""

    handle: Text | None = None
    sha256: str | None = None
    trainable: bool | None = None


FeatureModules = Annotated[
    dict[str, HubModule] | None,
    pydantic.Field(validation_alias=pydantic.AliasChoices("modules", "text_modules")),
]
"""Of features that have one for themselves, by name; of texts only in older files, which say
`text_modules`."""


class TrainingRecord(Document):
    """Lies beside the SavedModel in the folder of a Model artifact.

    The run_fn writes what it did, the Trainer's executor adds what went in.
    """

    FILE: ClassVar[str] = "training.json"
    MEND: ClassVar[str] = "run again with --no-cache to train anew"

    hub: HubModule | None = None
    """Of the images that have none for themselves."""
    modules: FeatureModules = None
    training: dict[str, Any] | None = None
    """Options of the training by name."""
    steps: Count | None = None
    examples_seen: Count | None = None
    seconds: float | None = None
    final_loss: float | None = None
    eval_accuracy: float | None = None
    labels: tuple[str, ...] | None = None
    data: TrainingData | None = None
    schema_sha256: str | None = None
    code_hash: str | None = None
    packages: dict[str, str] | None = None
    run_id: str | None = None
    content_digest: str | None = None
    """Of the SavedModel, as it was written."""
    reference_digest: str | None = None
    """Of the folder `reference/`, as it was written."""
