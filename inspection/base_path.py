"""What a base path says about itself: versions on disk, and the ledger."""

from __future__ import annotations

import dataclasses
import os

from documents.provenance import Provenance
from serving.ledger import Entry, read_ledger
from serving.versions import list_versions, provenance_of
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

    def provenance(self, version: int) -> Provenance | None:
        """The document of a version; None when the version is gone or has none."""
        return provenance_of(os.path.join(self.path, str(version)))


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
