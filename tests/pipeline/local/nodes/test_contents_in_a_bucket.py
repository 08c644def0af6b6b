"""Whether the objects of an artifact still are what was written."""

from __future__ import annotations

import pytest

from pipeline.local.nodes.contents import Contents
from pipeline.local.store.leftovers import LeftoversError, refuse_leftovers
from pipeline.local.store.run_store import OwnStore
from serving.base_path import storage
from tests.pipeline.local.nodes.noted import record
from tests.serving.stores import Store

pytestmark = pytest.mark.slow  # starts a server

LARGE = b"x" * 3_000_000


@pytest.fixture
def uri(bucket: Store, remote_root: str) -> str:
    uri = f"{remote_root}/Trainer/model/6"
    bucket.write(f"{uri}/a", LARGE)
    bucket.write(f"{uri}/sub/b")
    return uri


def test_a_later_run_believes_what_the_store_says_of_objects_and_reads_none(
    bucket: Store, uri: str
):
    recorded = record(uri, Contents())
    bucket.wire.mend()  # which begins to count anew
    assert Contents().damage(uri, recorded) is None
    assert 0 < bucket.wire.passed < 100_000


def test_objects_that_were_written_again_are_read(bucket: Store, uri: str):
    recorded = record(uri, Contents())
    bucket.write(f"{uri}/sub/b")
    assert Contents().damage(uri, recorded) is None
    bucket.write(f"{uri}/sub/b", b"y")
    bucket.write(f"{uri}/c")
    storage.remove_file(f"{uri}/a")
    assert str(Contents().damage(uri, recorded)) == (
        f"what Trainer wrote to {uri} is damaged: a is missing, c was added, sub/b changed"
    )
    storage.remove(uri)
    assert "a is missing, sub/b is missing" in str(Contents().damage(uri, recorded))


@pytest.mark.parametrize("noted", [b"", b"[", b"[[1]]", b"{}", b"null"])
def test_what_was_noted_of_objects_may_be_damaged_too(bucket: Store, uri: str, noted: bytes):
    recorded = record(uri, Contents())
    bucket.write(uri.replace("/model/6", "/.system/files/model/6.objects.json"), noted)
    assert Contents().damage(uri, recorded) is None
    bucket.write(f"{uri}/sub/b", b"y")
    assert str(Contents().damage(uri, recorded)).endswith("is damaged: sub/b changed")


def test_a_store_that_does_not_answer_has_damaged_nothing(bucket: Store, uri: str):
    recorded = record(uri, Contents())
    bucket.wire.ill(1_000, 503)
    with pytest.raises(OSError, match="503"):
        Contents().damage(uri, recorded)


def test_outputs_that_a_lost_metadata_store_does_not_know_are_not_mixed(uri: str, tmp_path):
    store = OwnStore(tmp_path / "metadata.db")
    root = uri.removesuffix("/Trainer/model/6")
    with pytest.raises(LeftoversError, match=r"knows no execution: .* another `pipeline_root`$"):
        refuse_leftovers(root, store.connection)
    refuse_leftovers(f"{root}/unused", store.connection)
