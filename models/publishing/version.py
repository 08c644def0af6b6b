"""A version in a base path of this machine, as far as its encoders go."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic

from documents.features import Features
from documents.provenance import Provenance
from documents.reader import read
from documents.saved_model import EXTRA, SAVED_MODEL
from models.declaration import Declaration
from models.description import declared
from models.features.image.kind import Image
from models.features.text.kind import Text

_MOST_NAMED = 10


class PublishError(ValueError):
    """There is nothing to publish there; one sentence says what and how to mend it."""


@dataclass(frozen=True)
class Published:
    """A version and what is recorded of it."""

    folder: Path
    number: int
    provenance: Provenance
    declaration: Declaration

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.provenance.model or self.folder.parent.name


def open_version(base_path: str, number: str) -> Published:
    """The version `number` of a base path.

    Raises:
      PublishError: it is not there, or does not say what its features are.
    """
    if "://" in base_path:
        raise PublishError(
            f"--base-path {base_path} is on another machine; copy the version into a folder here"
            " and name that folder's parent."
        )
    base = Path(os.path.expanduser(base_path))
    folder = base / number
    if not re.fullmatch("[0-9]{1,19}", number) or not (folder / SAVED_MODEL).is_file():
        raise PublishError(f"There is no version {number} in {base_path}{_versions(base)}")
    document = read(Features, str(folder / EXTRA / Features.FILE))
    try:
        declaration = document and declared(document)
    except pydantic.ValidationError:
        declaration = None
    if not declaration:
        raise PublishError(
            f"Version {number} in {base_path} does not say what its features are, because it has"
            f" no readable {EXTRA}/{Features.FILE}: `make run` trains one that does."
        )
    provenance = read(Provenance, str(folder / Provenance.FILE)) or Provenance()
    return Published(folder, int(number), provenance, declaration)


def choose_feature(version: Published, name: str | None) -> tuple[str, Image | Text]:
    """The feature whose encoder is meant, with its kind.

    Raises:
      PublishError: it has none of its own, or there are several and none is named.
    """
    features = version.declaration.used
    encoded: dict[str, Any] = {
        key: kind for key, kind in features.items() if isinstance(kind, (Image, Text))
    }
    known = ", ".join(encoded) or "none"
    if name is None:
        if len(encoded) == 1:
            return next(iter(encoded.items()))
        if not encoded:
            kinds = ", ".join(sorted({kind.kind for kind in features.values()}))
            raise PublishError(
                f"Version {version.number} has features of the kinds {kinds} only, which share one"
                " encoder; a module can be made of an image or a text."
            )
        raise PublishError(
            f"Version {version.number} has several encoders; name one with --feature: {known}."
        )
    if name not in features:
        raise PublishError(
            f"--feature {name}: version {version.number} has no such feature; those with an"
            f" encoder of their own: {known}."
        )
    if name not in encoded:
        raise PublishError(
            f"--feature {name} is a {features[name].kind}, which has no encoder of its own; a"
            f" module can be made of an image or a text: {known}."
        )
    return name, encoded[name]


def _versions(base: Path) -> str:
    """The end of a sentence about a version that is not there."""
    try:
        found = [path.name for path in base.iterdir() if path.name.isdecimal()]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return (
            f", which cannot be read ({reason}); name another folder of versions with --base-path."
        )
    names = sorted(found, key=int, reverse=True)[:_MOST_NAMED]
    if not names:
        return ", which holds none; `make run` makes one, or name another folder with --base-path."
    return (
        f", but there {'is' if len(names) == 1 else 'are'} {', '.join(names)}; `python -m serving"
        f" versions --base-path {shlex.quote(str(base))}` lists them, and --base-path names another"
        " folder."
    )
