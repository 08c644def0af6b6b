"""Pages of a store, asked for as a browser does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from werkzeug.test import Client

from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source


def explore(root: Path, store: str | None = None, **options: Any) -> Client:
    workspace = Workspace(root)
    source = Source(lambda: open_history(store or str(root)), workspace, **options)
    return Client(App(source, ["localhost"]))
