"""Outputs that the ML Metadata store knows nothing of: new executions would get their folders.

A node writes below `artifacts/<node>/<output>/<execution>`. Where the store was lost or replaced by
an older copy, its numbers begin again, and a node would find another run's files in its folder and
mix them with its own.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from ml_metadata.metadata_store.metadata_store import ListOptions, OrderByField
from tfx.orchestration import metadata

from pipeline.local.short_path import short


class LeftoversError(RuntimeError):
    """`artifacts` holds outputs of executions that are still to come; the message has the mend."""


def refuse_leftovers(artifacts: Path, connection: metadata.Metadata) -> None:
    """Call before anything runs.

    Raises:
      LeftoversError: a node could find files in the folder of its outputs.
    """
    numbered = _numbered(artifacts)
    if not numbered:
        return
    with connection as handle:
        newest = ListOptions(limit=1, order_by=OrderByField.ID, is_asc=False)
        known = max((each.id for each in handle.store.get_executions(newest)), default=0)
    latest = max(numbered)
    if latest <= known:
        return
    folder = short(artifacts)
    knows = f"nothing after execution {known}" if known else "no execution"
    raise LeftoversError(
        f"{short(numbered[latest])} is there, but the metadata store knows {knows}: it was lost or "
        "replaced by an older copy, and new outputs would be mixed with old ones; put back the "
        f"metadata.db that was beside {folder}, or begin anew after: "
        f"{shlex.join(['mv', folder, f'{folder}.before'])}"
    )


def _numbered(artifacts: Path) -> dict[int, Path]:
    """A folder of each execution that left one, by number."""
    return {
        int(place.name): place
        for place in artifacts.glob("*/*/*")
        if place.name.isascii() and place.name.isdecimal() and len(place.name) < 19
    }
