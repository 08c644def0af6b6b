"""Which of many uris are at hand: each folder is listed once, however many artifacts lie in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from inspection.files.workspace import Workspace, steps_of

_Listing = tuple[str, Mapping[str, bool]]
"""Where a folder really is, and by name whether what lies in it is a link."""
_NO_NAMES = ("", ".", "..")


class Presence:
    """Finds what Workspace.find finds, as things were when each folder was first looked at."""

    def __init__(self, workspace: Workspace) -> None:
        """Looks at nothing yet."""
        self._workspace = workspace
        self._root = str(workspace.root)
        self._places: dict[str, Sequence[_Listing]] = {}
        self._empty: set[str] = set()
        """Folders of which nothing is at hand, as most are of a store from elsewhere."""

    def find(self, uri: str) -> str | None:
        """The real path of the file or folder behind a uri; None when it is gone or elsewhere."""
        folder, _, name = uri.rpartition("/")
        if folder in self._empty and name not in _NO_NAMES:
            return None
        folder, _, name = uri.rstrip("/").rpartition("/")
        whole = uri.rstrip("/") == self._root
        if whole or not folder.startswith("/") or name in _NO_NAMES:
            found = self._workspace.find(uri) if uri else None
            return os.path.realpath(found) if found else None
        if folder not in self._places:
            self._places[folder] = self._listed(folder)
            # That of the workspace itself holds one thing that is at hand, whatever it lists.
            if not self._places[folder] and folder != os.path.dirname(self._root):
                self._empty.add(folder)
        for place, names in self._places[folder]:
            link = names.get(name)
            if link is not None:
                path = os.path.join(place, name)
                real = os.path.realpath(path) if link else path
                if not link or (os.path.exists(real) and self._is_inside(real)):
                    return real
        return None

    def _listed(self, folder: str) -> Sequence[_Listing]:
        """The folder itself and the places where it is when the workspace was moved."""
        steps = steps_of(folder)
        if steps is None:
            return ()
        moved = (os.path.join(self._root, *steps[start:]) for start in range(len(steps)))
        found = []
        for candidate in (folder, *moved):
            place = os.path.realpath(candidate)
            try:
                entries = os.scandir(place) if self._is_inside(place) else None
            except (OSError, ValueError):
                continue
            if entries:
                with entries:
                    found.append((place, {each.name: each.is_symlink() for each in entries}))
        return found

    def _is_inside(self, path: str) -> bool:
        return path == self._root or path.startswith(f"{self._root.rstrip('/')}/")


class Glance(Workspace):
    """A workspace for one question about many files; what was read of them is known to both."""

    def __init__(self, workspace: Workspace) -> None:
        """Looks at nothing yet."""
        super().__init__(workspace.root)
        self._read = workspace._read
        self._named, self._buckets = workspace._named, workspace._buckets
        self._presence = Presence(workspace)

    def find(self, uri: str) -> Path | None:
        found = self._presence.find(uri)
        return Path(found) if found else None


class Paths:
    """Paths, to ask whether another one holds any of them or lies in one."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._above: set[str] = set()

    def add(self, path: str) -> None:
        """`path` is a real one."""
        self._paths.add(path)
        above = os.path.dirname(path)
        while above not in self._above:
            self._above.add(above)
            above = os.path.dirname(above)

    def touches(self, path: str) -> bool:
        if path in self._paths or path in self._above:
            return True
        above = os.path.dirname(path)
        while above not in self._paths:
            if above == os.path.dirname(above):
                return False
            above = os.path.dirname(above)
        return True
