"""What a base path says about itself: versions on disk, and the ledger."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

from serving.ledger import Entry, read_ledger
from serving.versions import list_versions, read_provenance
from serving.withdrawal import list_withdrawn


@dataclasses.dataclass(frozen=True)
class BasePath:
    """A base path as it was when it was read."""

    path: str
    versions: tuple[int, ...]
    """Complete ones, lowest first; the last one is live."""
    withdrawn: tuple[int, ...]
    """Those that can be restored."""
    ledger: tuple[Entry, ...]
    """Oldest first."""

    @property
    def name(self) -> str:
        """Of the model: the folder's own name, as model servers are told it."""
        return os.path.basename(os.path.normpath(self.path))

    @property
    def live(self) -> int | None:
        return self.versions[-1] if self.versions else None

    def provenance(self, version: int) -> Mapping[str, Any] | None:
        """The document of a version; None when the version is gone or has none."""
        document = read_provenance(os.path.join(self.path, str(version)))
        return document if isinstance(document, dict) else None


def read_base_path(path: str | os.PathLike[str]) -> BasePath:
    """Reads a base path; one that does not exist has no versions.

    Raises:
      serving.base_path.BasePathError: it cannot be read.
    """
    return BasePath(
        os.fspath(path),
        tuple(version.number for version in list_versions(path)),
        tuple(version.number for version in list_withdrawn(path)),
        tuple(read_ledger(path)),
    )
