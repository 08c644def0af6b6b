"""How much lies behind uris in a bucket, asked of a server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.bucket_addresses import note_address
from inspection.files.listed import Listed
from inspection.files.workspace import Workspace
from serving.base_path import storage
from tests.serving.certificates import Authority
from tests.serving.object_stores import google
from tests.serving.wire import Wire

RUNS = "gs://models/runs"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with google(Authority(tmp_path)) as wire:
        yield wire


def test_sizes_of_all_folders_are_known_by_one_look(wire: Wire, tmp_path: Path) -> None:
    for path, size in {"T/model/1/a": 1, "T/model/1/b/c": 2, "T/model/12/a": 4, "../x": 8}.items():
        where = f"{RUNS}/{path}".replace("runs/../", "")
        storage.write(where, io.BytesIO(b"x" * size))
    note_address(tmp_path, RUNS)
    listed = Listed(Workspace(tmp_path))
    assert listed.size(f"{RUNS}/T/model/1") == 3
    asked = wire.passed
    assert listed.size(f"{RUNS}/T/model/1/") == 3
    assert listed.size(f"{RUNS}/T/model/12") == 4
    assert listed.size(f"{RUNS}/T/model/1/b/c") == 2
    assert listed.size(f"{RUNS}/T/model/2") is None
    assert listed.is_read(f"{RUNS}/T/model/2")
    assert wire.passed == asked
    for elsewhere in ("gs://models/x", f"{RUNS}2/T", "s3://models/runs/T", str(tmp_path), ""):
        assert listed.size(elsewhere) is None
        assert not listed.is_read(elsewhere)


@pytest.mark.medium
def test_of_one_that_does_not_answer_nothing_is_known(wire: Wire, tmp_path: Path) -> None:
    storage.write(f"{RUNS}/T/model/1/a", io.BytesIO(b"x"))
    note_address(tmp_path, RUNS)
    wire.ill(100, 503)
    listed = Listed(Workspace(tmp_path))
    assert listed.size(f"{RUNS}/T/model/1") is None
    assert not listed.is_read(f"{RUNS}/T/model/1")
