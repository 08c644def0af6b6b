"""Folders of outputs, on this machine and in an object store."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pipeline.local.store import output_folders
from serving.base_path import storage
from tests.serving.stores import Store

pytestmark = pytest.mark.slow  # starts a server

FILES = (
    "Trainer/model/6/Format-Serving/saved_model.pb",
    "Trainer/model_run/6/events",
    "Trainer/.system/files/model/6.json",
    "Transform/transform_graph/5/saved_model.pb",
    "Transform/transform_graph/notes/of somebody",
    "Trainer/model/16/saved_model.pb",
    ".unpublished/6.json",
)


@pytest.fixture(params=["here", "in a bucket"])
def root(request: pytest.FixtureRequest, tmp_path: Path, remote_root: str) -> str:
    root = str(tmp_path) if request.param == "here" else remote_root
    for path in FILES:
        storage.write(f"{root}/{path}", io.BytesIO(b"x"))
    return root


def test_executions_are_found_by_the_folders_that_they_left(root: str):
    found = output_folders.numbered(root)
    assert set(found) == {5, 6, 16}
    assert found[5] == f"{root}/Transform/transform_graph/5"
    assert found[6] in (f"{root}/Trainer/model/6", f"{root}/Trainer/model_run/6")
    assert output_folders.numbered(f"{root}/nothing") == {}


def test_the_outputs_of_an_execution_are_removed_and_no_others(root: str):
    output_folders.remove(root, [6, 7])
    assert storage.files(root) == sorted(
        path for path in FILES if not path.startswith(("Trainer/model/6/", "Trainer/model_run/6/"))
    )


def test_a_store_that_does_not_answer_is_not_taken_for_an_empty_one(
    bucket: Store, remote_root: str
):
    bucket.write(f"{remote_root}/{FILES[0]}")
    bucket.wire.ill(1_000, 503)
    with pytest.raises(OSError, match="503"):
        output_folders.numbered(remote_root)
