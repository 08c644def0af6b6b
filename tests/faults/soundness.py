"""Whether a base path is as it always must be."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from serving.base_path.content import content_digest
from serving.base_path.ledger import read_ledger
from serving.base_path.versions import list_versions


def unsound(base: Path, contents: Collection[str]) -> str | None:
    """What is wrong in a base path, as a model server would find it now; None for nothing.

    Args:
      base: with at least one version.
      contents: digests of what was published whole.
    """
    versions = list_versions(base)
    if not versions:
        return "nothing is live"
    for version in versions:
        digest = content_digest(version.path)
        if digest not in contents:
            return f"version {version.number} is live and incomplete"
    return None


def unrecorded(base: Path) -> str | None:
    """How the ledger disagrees with what is live, once a change is complete; None: it does not."""
    entries = read_ledger(base)
    live = max((version.number for version in list_versions(base)), default=None)
    if entries and entries[-1].live_after != live:
        return f"the ledger says that {entries[-1].live_after} is live, and {live} is"
    return None
