"""`training.json`, the record of how a model was made that lies beside its SavedModel."""

from __future__ import annotations

import os

from documents.reader import LARGEST, DamagedError, parse
from documents.training_record import TrainingRecord
from serving.base_path import storage


class RecordError(ValueError):
    """The record is damaged."""


def read_record(model_uri: str) -> TrainingRecord:
    """The record in a Model artifact's folder; empty when its run_fn left none.

    Raises:
      RecordError: something else lies in its place. It is not taken for missing, because it says
        whether the model's files are what the Trainer wrote.
    """
    path = os.path.join(model_uri, TrainingRecord.FILE)
    try:
        with storage.reading(path) as file:
            return parse(TrainingRecord, file.read(LARGEST + 1))
    except FileNotFoundError:
        return TrainingRecord()
    except (DamagedError, OSError) as error:
        raise RecordError(
            f"{path} is damaged: it {getattr(error, 'strerror', None) or error}; run the pipeline"
            " again, on a cluster without cache, to make it anew."
        ) from error


def write_record(model_uri: str, record: TrainingRecord) -> None:
    """Puts the record where `read_record` finds it."""
    storage.write_document(record, os.path.join(model_uri, TrainingRecord.FILE))
