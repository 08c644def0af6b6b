"""Outputs that the ML Metadata store knows nothing of: new executions would get their folders.

A node writes below `artifacts/<node>/<output>/<execution>`. Where the store was lost or replaced by
an older copy, its numbers begin again, and a node would find another run's files in its folder and
mix them with its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection

from ml_metadata.metadata_store.metadata_store import ListOptions, OrderByField
from tfx.orchestration import metadata

from documents.terminal.short_path import short_path
from pipeline.local.store.output_folders import numbered
from serving.base_path.storage import is_remote


class LeftoversError(RuntimeError):
    """`artifacts` holds outputs of executions that are still to come; the message has the mend."""


def refuse_leftovers(artifacts: str, connection: metadata.Metadata) -> Collection[int]:
    """Call before anything runs.

    Returns:
      the executions that have a folder there.

    Raises:
      LeftoversError: a node could find files in the folder of its outputs.
    """
    found = numbered(artifacts)
    if not found:
        return ()
    with connection as handle:
        newest = ListOptions(limit=1, order_by=OrderByField.ID, is_asc=False)
        known = max((each.id for each in handle.store.get_executions(newest)), default=0)
    latest = max(found)
    if latest <= known:
        return found.keys()
    knows = f"nothing after execution {known}" if known else "no execution"
    if is_remote(artifacts):
        mend = "put back the store that was there, or choose another `pipeline_root`"
    else:
        folder = short_path(artifacts)
        mend = (
            f"put back the metadata.db that was beside {folder}, or begin anew after: "
            f"{shlex.join(['mv', folder, f'{folder}.before'])}"
        )
    raise LeftoversError(
        f"{short_path(found[latest])} is there, but the metadata store knows {knows}: it was lost"
        f" or replaced by an older copy, and new outputs would be mixed with old ones; {mend}"
    )
