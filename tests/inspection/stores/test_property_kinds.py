"""Properties of every kind that ML Metadata has, as its own client writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd
from werkzeug.test import Client

from inspection.__main__ import main
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out, StoreWriter

KINDS = {
    "number": 7,
    "share": 0.5,
    "text": "ü",
    "flag": True,
    "struct": {"nested": {"list": [1, "two", None]}, "endless": float("inf")},
    "proto": mlmd.Event(execution_id=3),
}


@pytest.fixture
def root(memory_path: Path) -> Path:
    store = StoreWriter(memory_path / "root")
    store.run("any", "1").node("Maker", {}, {"made": Out("Model", KINDS)}, **KINDS)
    return store.root


def test_properties_are_read_as_what_they_are(root: Path) -> None:
    history = open_history(root)
    for record in (history.artifacts[1], history.steps[1]):
        found = dict(record.properties)
        assert json.loads(str(found.pop("struct"))) == KINDS["struct"]
        assert found == {
            "number": 7,
            "share": 0.5,
            "text": "ü",
            "flag": 1,
            "proto": "ml_metadata.Event, 2 bytes",
        }


@pytest.mark.medium
@pytest.mark.parametrize(
    "command",
    ["show a1", "show s1", "show r1", "why s1", "lineage a1", "lineage s1", "rebuild a1", "export",
     "diff r3 r3", "gc --dry-run"],
)  # fmt: skip
def test_no_command_stumbles_over_them(root: Path, command: str, capsys) -> None:
    store = [*command.replace("r1", "r2").replace("r3", "r2").split(), "--store", str(root)]
    for more in ((), ("--json",)):
        assert main([*store, *more]) in (0, 1)
        assert capsys.readouterr().out


def test_no_page_stumbles_over_them(root: Path) -> None:
    client = Client(App(Source(lambda: open_history(root), Workspace(root)), ["localhost"]))
    for page in ("/", "/runs/r2", "/steps/s1", "/artifacts/a1", "/models", "/search?q=two"):
        assert client.get(page).status_code == 200
    assert "ml_metadata.Event" in client.get("/artifacts/a1").text
    assert "/artifacts/a1" in client.get("/search?q=endless").text
