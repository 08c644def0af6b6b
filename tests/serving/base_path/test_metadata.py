from __future__ import annotations

from pathlib import Path

import filelock
import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

from serving.base_path.changes import Change
from serving.base_path.metadata import CONTEXT_TYPE, RecordError, find_store, record_change

CHANGE = Change("rollback", 7, 9, 7, withdrawn=(9,), reason="bad")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    base = tmp_path / "serving/m"
    base.mkdir(parents=True)
    return base


@pytest.fixture
def store(tmp_path: Path, base: Path) -> metadata_store.MetadataStore:
    """Holds what Pusher wrote about version 7 there, and about a version 7 elsewhere."""
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(tmp_path / "metadata.db")
    config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    store = metadata_store.MetadataStore(config)
    kind = store.put_artifact_type(pb.ArtifactType(name="PushedModel"))
    for folder in (base, tmp_path / "other"):
        model = pb.Artifact(type_id=kind)
        model.custom_properties["pushed_version"].string_value = "7"
        model.custom_properties["pushed_destination"].string_value = str(folder / "7")
        store.put_artifacts([model])
    return store


def test_a_change_is_an_execution_on_the_pushed_model(
    store: metadata_store.MetadataStore, base: Path
) -> None:
    place = find_store(base)
    assert place is not None
    identity = record_change(base, CHANGE, place)
    (execution,) = store.get_executions_by_type("serving.rollback")
    found = {
        key: value.int_value if value.HasField("int_value") else value.string_value
        for key, value in execution.custom_properties.items()
    }
    assert found.pop("time")
    assert found == {
        "base_path": str(base), "version": 7, "live_before": 9, "live_after": 7, "reason": "bad",
    }  # fmt: skip
    assert (execution.id, execution.last_known_state) == (identity, pb.Execution.COMPLETE)
    (event,) = store.get_events_by_execution_ids([identity])
    (model,) = store.get_artifacts_by_id([event.artifact_id])
    assert event.type == pb.Event.INPUT
    assert model.custom_properties["pushed_destination"].string_value == str(base / "7")


def test_all_changes_of_a_base_path_share_a_context(
    store: metadata_store.MetadataStore, base: Path
) -> None:
    place = find_store(base)
    assert place is not None
    made = [record_change(base, CHANGE, place) for _ in range(2)]
    (context,) = store.get_contexts_by_type(CONTEXT_TYPE)
    assert context.name == str(base)
    assert sorted(e.id for e in store.get_executions_by_context(context.id)) == made


def test_a_store_that_a_run_uses_is_left_alone(
    store: metadata_store.MetadataStore, base: Path, tmp_path: Path
) -> None:
    with (
        filelock.FileLock(tmp_path / ".run.lock"),
        pytest.raises(RecordError, match="A pipeline run is using"),
    ):
        record_change(base, CHANGE, tmp_path / "metadata.db")
    assert store.get_executions() == []


def test_a_store_that_is_missing_is_not_made(base: Path, tmp_path: Path) -> None:
    assert find_store(base) is None
    with pytest.raises(RecordError, match="There is no metadata store"):
        record_change(base, CHANGE, tmp_path / "metadata.db")
    assert not (tmp_path / "metadata.db").exists()


def test_a_file_that_is_no_store_is_said_to_be_none(base: Path, tmp_path: Path) -> None:
    (tmp_path / "metadata.db").write_bytes(b"no store" * 1000)
    with pytest.raises(RecordError, match="has no record of the change"):
        record_change(base, CHANGE, tmp_path / "metadata.db")
