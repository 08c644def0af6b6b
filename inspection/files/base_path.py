"""What a base path says about itself, versions on disk and the ledger; and which ones there are."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from documents.provenance import Provenance
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.pushes import told_pushes
from serving.base_path.ledger import LEDGER, Entry, read_ledger
from serving.base_path.state import list_withdrawn
from serving.base_path.storage import is_remote
from serving.base_path.version_number import version_number
from serving.base_path.versions import WITHDRAWN, list_versions, numbered, provenance_of


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
    places: Mapping[int, str] = dataclasses.field(default_factory=dict, hash=False)
    """The folders of `versions` and `withdrawn`."""

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
    versions, withdrawn = list_versions(path), list_withdrawn(path)
    return BasePath(
        os.fspath(path),
        tuple(version.number for version in versions),
        tuple(version.number for version in withdrawn),
        tuple(read_ledger(path)),
        frozenset(_folders(os.fspath(path))),
        {version.number: version.path for version in (*versions, *withdrawn)},
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


def recorded_base_paths(history: History) -> Sequence[str]:
    """Every base path that a version was pushed into, as it was called then."""
    return list(_versions_by_base_path(history))


@functools.lru_cache(maxsize=2)
def _versions_by_base_path(history: History) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = {}
    for _, recorded, number in told_pushes(history):
        if recorded and number is not None:
            found.setdefault(recorded, set()).add(number)
    return found


def match(
    history: History, recorded: str, bases: Sequence[BasePath], workspace: Workspace
) -> BasePath | None:
    """The base path that the store calls `recorded`; None where it is not among `bases`.

    A workspace may have been moved since: then the end of the address tells, if only one has it
    and knows a version that was pushed to `recorded`. Another base path may end in the same words.
    """
    same = [base for base in bases if is_at(recorded, base)]
    if same or is_remote(recorded):
        return same[0] if same else None
    numbers = _versions_by_base_path(history).get(recorded, ())
    local = (base for base in bases if not is_remote(base.path))
    knowing = [base for base in local if any(knows(base, number) for number in numbers)]
    place = workspace.find(recorded)
    if place:
        moved = [base for base in knowing if is_at(str(place), base)]
        if moved:
            return moved[0]
    if os.path.exists(recorded):
        return None
    name = os.path.basename(recorded.rstrip("/"))
    alike = [base for base in knowing if base.name == name]
    return alike[0] if len(alike) == 1 else None


def is_at(recorded: str, base: BasePath) -> bool:
    """Whether `recorded` is the very address of a base path."""
    if is_remote(recorded) or is_remote(base.path):
        return base.path.rstrip("/") == recorded.rstrip("/")
    return os.path.realpath(base.path) == os.path.realpath(recorded)


def knows(base: BasePath, version: int) -> bool:
    """Whether a base path has a version, or tells what became of it."""
    return version in base.folders or any(
        version in (entry.version, *entry.withdrawn, *entry.pruned) for entry in base.ledger
    )


def link_targets(base: BasePath) -> Iterator[str]:
    """Where the links of a base path lead: what is behind them is served as if it lay there."""
    if is_remote(base.path):
        return
    for place in (base.path, *base.places.values()):
        if os.path.islink(place):
            yield os.path.realpath(place)
    for folder, folders, files in os.walk(base.path):
        for path in (os.path.join(folder, name) for name in (*folders, *files)):
            if os.path.islink(path):
                yield os.path.realpath(path)


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
        if version_number(each.name) is not None or each.name.startswith("."):
            continue
        # One that only holds other folders is none, but perhaps those are.
        if _is_base_path(each) or not _holds_folders(each):
            yield each


def _holds_folders(place: Path) -> bool:
    try:
        return any(each.is_dir() and not each.name.startswith(".") for each in place.iterdir())
    except OSError:
        return False


def _is_base_path(place: Path) -> bool:
    return bool(set(_folders(str(place)))) or (place / LEDGER).is_file()


def _folders(path: str) -> Iterator[int]:
    for prefix in ("", WITHDRAWN):
        try:
            yield from numbered(path, prefix)
        except OSError:
            continue
