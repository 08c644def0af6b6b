"""Whether labels stand as in the live version, which the settings tell before any training."""

from __future__ import annotations

import os

from documents.features import Features
from documents.saved_model import EXTRA
from models.description import described_label
from models.labels.kind import LabelKind
from pipeline.settings import SettingsError
from serving.base_path import storage
from serving.base_path.versions import live_version


def check_live_labels(label: LabelKind, base_path: str) -> None:
    """Returns when no label has another's place in the live version, or that does not tell.

    The serving check would refuse such a model, because clients may tell labels by their place.

    Args:
      label: as the settings declare it.
      base_path: may be missing.

    Raises:
      SettingsError: one has.
      BasePathError: the base path cannot be read.
    """
    live = live_version(base_path)
    if live is None:
        return
    before = storage.read_document(Features, os.path.join(live.path, EXTRA, Features.FILE))
    if before is None:
        return
    moved = described_label(label).moved(before.label)
    if moved:
        raise SettingsError(
            f"Setting `label.values` is in another order than that of live version {live.number}:"
            f" {moved}, which clients may tell by its place, so the serving check would refuse the"
            " model; keep each at its place, with new ones at the end, or set push.base_path to"
            " another folder."
        )
