"""Versions as tests write them into a base path, and what is told of them."""

from __future__ import annotations

from pathlib import Path

from serving.base_path.ledger import read_ledger
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import list_versions


def make_model(folder: Path, weights: bytes = b"weights") -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables/variables.index").write_bytes(weights)
    return folder


def numbers(base) -> tuple[list[int], list[int]]:
    return [v.number for v in list_versions(base)], [v.number for v in list_withdrawn(base)]


def replay(base) -> tuple[list[int], list[int]]:
    """What the ledger says that there is: versions, and withdrawn ones."""
    offered: set[int] = set()
    withdrawn: set[int] = set()
    for entry in read_ledger(base):
        taken = {entry.version} if entry.action == "withdraw" else set(entry.withdrawn)
        given = {entry.version} if entry.action in ("publish", "restore") else set()
        offered = (offered | given) - taken - set(entry.pruned)
        withdrawn = (withdrawn | taken) - given - set(entry.pruned)
        assert entry.live_after == max(offered, default=None)
    return sorted(offered), sorted(withdrawn)
