"""Whose metadata store numbers what lies below a pipeline root in a bucket: an object says it.

Folders of outputs are called by the numbers of executions. Two stores give the same numbers, so
that a run would take another's outputs for its own, and remove those of its runs that were killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from documents.json_object import JsonError, parse_object
from documents.place_id import place_id
from documents.settings.section import short
from serving.base_path import storage
from serving.objects.store import ChangedError

_CLAIM = ".store.json"
_SHARED = "shared"


class ClaimedError(RuntimeError):
    """The pipeline root is that of another metadata store; the message has the mend."""


def is_claimed(artifacts: str, store: Path | str) -> bool:
    """Whether a pipeline root is known to be that of a store.

    Args:
      artifacts: the pipeline root; what lies on this machine has its store beside it.
      store: the file of this ROOT, or the address of one that several share, which may have
        another name on each machine.

    Raises:
      ClaimedError: it is that of another one.
      OSError: the object store does not answer, or this ROOT cannot be written.
    """
    if not storage.is_remote(artifacts):
        return True
    with contextlib.suppress(FileNotFoundError):
        said, _ = _read(artifacts)
        return _is_ours(artifacts, store, said)
    return False


def claim(artifacts: str, store: Path | str) -> None:
    """Makes it so, where nobody has before; call it when the store knows all that lies there.

    Raises:
      ClaimedError: another run did at the same moment.
      OSError: as `is_claimed`.
    """
    where = f"{store.parent} on {socket.gethostname()}" if isinstance(store, Path) else store
    content = json.dumps({"store": _identity(store), "where": where}).encode()
    place = storage.place(f"{artifacts}/{_CLAIM}")
    try:
        place.write_new(io.BytesIO(content))
    except ChangedError:
        said, tag = _read(artifacts)
        if not _is_ours(artifacts, store, said):
            place.write(io.BytesIO(content), tag)  # over what says nothing


def _read(artifacts: str) -> tuple[Mapping[str, Any], str]:
    """What the object says, nothing where it is damaged, and its tag."""
    content, tag = storage.place(f"{artifacts}/{_CLAIM}").read()
    try:
        return parse_object(content), tag
    except JsonError:
        return {}, tag


def _is_ours(artifacts: str, store: Path | str, said: Mapping[str, Any]) -> bool:
    other = said.get("store")
    if other not in (None, _identity(store)):
        raise _claimed(artifacts, str(said.get("where")), other == _SHARED)
    return other is not None


def _identity(store: Path | str) -> str:
    return place_id(store.with_suffix(".id")) if isinstance(store, Path) else _SHARED


def _claimed(artifacts: str, where: str, is_shared: bool) -> ClaimedError:
    if is_shared:
        store, mend = f"the metadata store {short(where, 300)}", "name it in `metadata.store`"
    else:
        store = f"a metadata store of their own, in {short(where, 300)}"
        mend = "have both record in one that they share, named in `metadata.store`"
    return ClaimedError(
        f"Below {artifacts} are the artifacts of runs that are recorded in {store}, and outputs of"
        f" this run would get the same numbers; {mend}, or choose another `pipeline_root`. Where"
        f" that store is no more, remove {artifacts} before."
    )
