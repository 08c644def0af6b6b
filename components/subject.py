"""What a verdict is about: the bytes of a candidate, and the baseline they were held against."""

from __future__ import annotations

import dataclasses
import errno
import os
from typing import Any

from tfx import types
from tfx.utils import path_utils

from components.baseline.choice import NONE, Choice
from components.trainer.record import read_record
from documents.reference import FOLDER
from documents.verdict import BaselineReference
from serving.base_path import storage
from serving.base_path.content import content_digest

DIGEST_KEY = "content_digest"
"""In verdicts, in `training.json`, in the provenance and in the ledger alike, and a property of
blessings."""
_NO_FILE = (errno.ENOENT, errno.ELOOP, errno.EINVAL)
"""What a link without a target, one in a circle, and what is no regular file end in."""
AGAIN = "run the pipeline again, on a cluster without cache, to make it anew"


class DamagedError(RuntimeError):
    """The files of a model or of a baseline are not what their node wrote."""


class ChangedError(RuntimeError):
    """The files of a model or of a baseline changed while they were judged."""


@dataclasses.dataclass(frozen=True)
class Subject:
    """A candidate and what it is compared with, by content digest."""

    digest: str
    baseline: Choice | None = None
    """`NONE` where nothing is live; None where the validator compares with nothing."""

    @property
    def keys(self) -> dict[str, Any]:
        """What every verdict says of it: `content_digest`, and `baseline` where one is wired."""
        keys: dict[str, Any] = {DIGEST_KEY: self.digest}
        if self.baseline is not None:
            keys["baseline"] = (
                None
                if self.baseline == NONE
                else BaselineReference(version=self.baseline.version, digest=self.baseline.digest)
            )
        return keys


def observe(model: types.Artifact, baseline: types.Artifact | None = None) -> Subject:
    """Reads the candidate's files and the baseline's.

    Args:
      model: with `Format-Serving/`; where its `training.json` says what was written, it is held
        against that.
      baseline: output of Baseline, or any other Model.

    Raises:
      DamagedError: a file changed since it was written, is missing, or was added.
    """
    digest = _digest(model)
    record = read_record(model.uri)
    if record.content_digest not in (None, digest):
        raise DamagedError(
            f"The model in {path_utils.serving_model_path(model.uri)} is not what the Trainer"
            f" wrote: its files changed, are missing, or were added; {AGAIN}."
        )
    if "reference_digest" in record.model_fields_set and (
        reference_digest(model) != record.reference_digest
    ):
        raise DamagedError(
            f"The reference answers in {os.path.join(model.uri, FOLDER)} are not what the"
            f" Trainer wrote: its files changed, are missing, or were added; {AGAIN}."
        )
    return Subject(digest, _baseline(baseline) if baseline is not None else None)


def check_unchanged(
    subject: Subject, model: types.Artifact, baseline: types.Artifact | None = None
) -> None:
    """Looks again once the verdict is known: it holds only for what was there all the time.

    Raises:
      ChangedError: something changed since `observe`.
    """
    try:
        unchanged = observe(model, baseline) == subject
    except (DamagedError, OSError):
        unchanged = False
    if not unchanged:
        raise ChangedError(
            f"The files in {model.uri}, or those of its baseline, changed while they were judged;"
            " make sure that nothing writes there, and run again."
        )


def reference_digest(model: types.Artifact) -> str | None:
    """Digest of what lies beside the SavedModel to hold answers against; None without any."""
    folder = os.path.join(model.uri, FOLDER)
    return content_digest(folder) if storage.exists(folder) else None


def _baseline(baseline: types.Artifact) -> Choice:
    version = baseline.get_int_custom_property("version")
    recorded = baseline.get_string_custom_property("digest")
    folder = path_utils.serving_model_dir(baseline.uri)
    if not storage.exists(folder):
        if recorded:
            raise DamagedError(
                f"The copy of baseline version {version} in {folder} is missing; {AGAIN}."
            )
        return NONE
    digest = _content("copy of the baseline", folder)
    if recorded and digest != recorded:
        raise DamagedError(
            f"The copy of baseline version {version} in {folder} is not what was live: its files"
            f" changed, are missing, or were added; {AGAIN}."
        )
    return Choice(version, digest)


def _digest(model: types.Artifact) -> str:
    folder = path_utils.serving_model_path(model.uri)
    if not storage.exists(folder):
        raise DamagedError(f"The model in {folder} is missing; {AGAIN}.")
    return _content("model", folder)


def _content(what: str, folder: str) -> str:
    try:
        return content_digest(folder)
    except OSError as error:
        if error.errno not in _NO_FILE:
            raise  # Of the machine; what was written may be as it was.
        raise DamagedError(
            f"The {what} in {folder} holds {error.filename or 'something'}, which leads to no file"
            f" ({error.strerror}); {AGAIN}."
        ) from error
