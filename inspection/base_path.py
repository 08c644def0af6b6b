"""What a base path says about itself, versions on disk and the ledger; and which ones there are."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from documents.provenance import Provenance
from inspection.history import History
from inspection.pushes import pushed_to, pushes
from inspection.workspace import Workspace
from serving.base_path.ledger import LEDGER, Entry, read_ledger
from serving.base_path.storage import is_remote
from serving.base_path.version_number import version_number
from serving.base_path.versions import WITHDRAWN, list_versions, numbered, provenance_of
from serving.base_path.withdrawal import list_withdrawn


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
    folders: frozenset[int] = frozenset()
    """Numbers of all versions that have a folder, withdrawn and half copied ones too: no model
    server is asked what it makes of one without `saved_model.pb`."""

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
      serving.base_path.errors.BasePathError: it cannot be read.
    """
    return BasePath(
        os.fspath(path),
        tuple(version.number for version in list_versions(path)),
        tuple(version.number for version in list_withdrawn(path)),
        tuple(read_ledger(path)),
        frozenset(_folders(os.fspath(path))),
    )


def find_base_paths(history: History | None, workspace: Workspace) -> list[str]:
    """The base paths in the workspace, and those of this machine that the store says were pushed
    to."""
    found = {os.path.realpath(path): str(path) for path in _in_workspace(workspace)}
    for recorded in recorded_base_paths(history) if history else ():
        # Names in a store are data: a folder counts when it is what a Pusher leaves.
        place = workspace.find(recorded) or (
            Path(recorded) if recorded.startswith("/") and not is_remote(recorded) else None
        )
        if place and _is_base_path(place):
            found.setdefault(os.path.realpath(place), str(place))
    return list(found.values())


@functools.lru_cache(maxsize=2)
def recorded_base_paths(history: History) -> Sequence[str]:
    """Every base path that a version was pushed into, as it was called then."""
    return list(dict.fromkeys(filter(None, map(pushed_to, pushes(history)))))


def match(recorded: str, bases: Sequence[BasePath], workspace: Workspace) -> BasePath | None:
    """The base path that the store calls `recorded`; None where it is not among `bases`.

    A workspace may have been moved since: then the end of the address tells, if only one has it.
    """
    place = workspace.find(recorded) or recorded
    same = [base for base in bases if os.path.realpath(base.path) == os.path.realpath(place)]
    if same:
        return same[0]
    if is_remote(recorded) or os.path.exists(recorded):
        named = [base for base in bases if base.path.rstrip("/") == recorded.rstrip("/")]
        return named[0] if named else None
    name = os.path.basename(recorded.rstrip("/"))
    alike = [base for base in bases if base.name == name and not is_remote(base.path)]
    return alike[0] if len(alike) == 1 else None


def _in_workspace(workspace: Workspace) -> Iterator[Path]:
    """TFX's own example pushes to ROOT/serving itself, ours into a folder of it for each model."""
    folder = workspace.places.serving
    if not folder.is_dir():
        return
    children = sorted(path for path in folder.iterdir() if path.is_dir())
    if (folder / LEDGER).exists() or any(
        version_number(each.name) is not None for each in children
    ):
        yield folder
    for each in children:
        if version_number(each.name) is None and not each.name.startswith("."):
            yield each


def _is_base_path(place: Path) -> bool:
    return bool(set(_folders(str(place)))) or (place / LEDGER).is_file()


def _folders(path: str) -> Iterator[int]:
    for prefix in ("", WITHDRAWN):
        try:
            yield from numbered(path, prefix)
        except OSError:
            continue
