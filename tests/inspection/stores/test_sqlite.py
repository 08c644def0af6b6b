"""SQLite stores in every state in which one may be found; none of them is ever changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from inspection.store import StoreError, open_history
from inspection.stores import sqlite_file
from tests.inspection.store_writer import StoreWriter

RECORDED = Path(__file__).parents[1] / "recorded" / "workspace" / "metadata.db"

# Ends without a commit, as a killed run does, when part of the change is in the file already.
KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
connection.execute("UPDATE Artifact SET uri = uri || '/changed'")
connection.execute("UPDATE ArtifactProperty SET string_value = string_value || 'changed'")
connection.execute("UPDATE ExecutionProperty SET string_value = string_value || 'changed'")
os._exit(1)
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return Path(shutil.copyfile(RECORDED, tmp_path / "metadata.db"))


def digests(folder: Path) -> Mapping[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_runs_steps_artifacts_and_events_are_those_of_the_runs(store: Path) -> None:
    history = open_history(store)
    assert [len(run.steps) for run in history.runs.values()] == [10, 10, 10, 10, 10, 5]
    first = history.runs[min(history.runs)]
    assert (first.pipeline, first.state) == ("fashion-mnist", "complete")
    trainer = next(step for step in history.steps_of(first.id) if step.node == "Trainer")
    assert trainer.seconds is not None
    assert {event.key for event in history.inputs(trainer.id)} == {
        "examples",
        "schema",
        "transform_graph",
    }
    [model] = history.output_artifacts(trainer.id, "model")
    assert history.producer(model.id) == trainer
    assert {"ServingCheck", "Evaluator", "Pusher"} <= {s.node for s in history.consumers(model.id)}


def test_properties_have_their_own_types(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.executemany(
            "INSERT INTO ArtifactProperty (artifact_id, name, is_custom_property, double_value, "
            "bool_value, proto_value, string_value) VALUES (1, ?, 1, ?, ?, ?, ?)",
            [
                ("double", 0.5, None, None, None),
                ("bool", None, True, None, None),
                ("proto", None, None, b"\x0a\x0ctypes/a.Type\x12\x03abc", None),
                ("damaged proto", None, None, b"\xff", None),
                ("damaged struct", None, None, None, "mlmd-struct::%%%"),
                ("no struct", None, None, None, "mlmd-struct::AAAA"),
                ("nothing", None, None, None, None),
            ],
        )
    connection.close()
    found = open_history(store).artifacts[1].properties
    assert (found["examples_eval"], found["double"], found["bool"]) == (400, 0.5, 1)
    assert (found["proto"], found["damaged proto"]) == ("a.Type, 3 bytes", "1 byte")
    assert found["damaged struct"] == "mlmd-struct::%%%"
    assert found["no struct"] == "mlmd-struct::AAAA"
    assert "nothing" not in found
    anomalies = next(
        each for each in open_history(store).artifacts.values() if each.type == "ExampleAnomalies"
    )
    assert anomalies.properties["blessed"] == '{"eval": 1.0, "train": 1.0}'


def test_of_two_properties_of_one_name_the_declared_one_counts(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute(
            "INSERT INTO ArtifactProperty (artifact_id, name, is_custom_property, int_value) "
            "VALUES (1, 'span', 0, 7)"
        )
    connection.close()
    assert open_history(store).artifacts[1].properties["span"] == 7


def test_is_read_while_a_run_writes(store: Path) -> None:
    writer = sqlite3.connect(store, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM Artifact")
    before = digests(store.parent)
    assert open_history(store).artifacts
    assert digests(store.parent) == before
    writer.execute("ROLLBACK")
    writer.close()


def test_what_a_killed_run_left_half_written_is_undone_in_a_copy_only(store: Path) -> None:
    as_it_was = open_history(store).artifacts[1].uri
    assert subprocess.run([sys.executable, "-c", KILLED, store], check=False).returncode == 1
    before = digests(store.parent)
    assert "metadata.db-journal" in before
    assert before["metadata.db"] != hashlib.sha256(RECORDED.read_bytes()).hexdigest()
    assert open_history(store).artifacts[1].uri == as_it_was
    assert digests(store.parent) == before


def test_a_store_in_wal_mode_is_read_without_a_file_beside_it(store: Path) -> None:
    writer = sqlite3.connect(store)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE Artifact SET uri = '/in/the/log' WHERE id = 1")
    writer.commit()
    before = digests(store.parent)
    assert open_history(store).artifacts[1].uri == "/in/the/log"
    assert digests(store.parent) == before
    writer.close()


def test_a_user_who_may_only_read_can_ask() -> None:
    # Not below tmp_path, where nobody else may look.
    with tempfile.TemporaryDirectory() as name:
        store = Path(shutil.copyfile(RECORDED, Path(name) / "metadata.db"))
        store.chmod(0o444)
        store.parent.chmod(0o555)
        code = (
            "import os, sys; from inspection.stores.sqlite import open_sqlite;"
            "from pathlib import Path; os.getuid() or os.setuid(65534);"
            "print(len(open_sqlite(Path(sys.argv[1])).runs))"
        )
        command = [sys.executable, "-c", code, str(store)]
        assert subprocess.run(command, capture_output=True, text=True).stdout == "6\n"
        store.parent.chmod(0o755)


@pytest.mark.medium
@pytest.mark.parametrize("version", [6, 7, 8, 9])
def test_older_schemas_are_read_as_they_are(store: Path, version: int) -> None:
    """Made by ML Metadata's own downgrade."""
    code = (
        "import sys; from ml_metadata.metadata_store import metadata_store as m;"
        "from ml_metadata.proto import metadata_store_pb2 as p;"
        "c = p.ConnectionConfig(); c.sqlite.filename_uri = sys.argv[1];"
        "m.downgrade_schema(c, int(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", code, store, str(version)], check=True)
    before = digests(store.parent)
    history, now = open_history(store), open_history(RECORDED)
    assert [run.name for run in history.runs.values()] == [run.name for run in now.runs.values()]
    assert [step.state for step in history.steps.values()] == [
        step.state for step in now.steps.values()
    ]
    assert history.artifacts[7].properties["hub_handle"] == "models/modules/fashion_mnist_encoder"
    assert len(history.events) == len(now.events)
    assert digests(store.parent) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE MLMDEnv SET schema_version = 11", None),
        ("ALTER TABLE Artifact ADD COLUMN colour TEXT", None),
        ("ALTER TABLE Artifact RENAME COLUMN uri TO address", "lacks Artifact.uri"),
        ("DROP TABLE EventPath", "lacks EventPath"),
    ],
)
def test_a_newer_schema_is_read_if_it_can_be_and_otherwise_refused(
    store: Path, change: str, said: str | None
) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute(change)
    connection.close()
    before = digests(store.parent)
    if said is None:
        assert len(open_history(store).runs) == 6
    else:
        with pytest.raises(StoreError, match=said):
            open_history(store)
    assert digests(store.parent) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"not a store" * 20, "is no SQLite file"), (None, "no metadata store")],
)
def test_what_is_no_store_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "metadata.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=said):
        open_history(path)


def test_another_sqlite_file_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "metadata.db")
    connection.execute("CREATE TABLE Notes (text)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="holds no ML Metadata"):
        open_history(tmp_path)


def test_a_truncated_file_is_refused(store: Path) -> None:
    os.truncate(store, 40_000)
    with pytest.raises(StoreError, match=r"is damaged \(.*malformed\): .*`sqlite3 .* \.recover"):
        list(open_history(store).events)


def test_a_folder_and_an_address_name_the_same_store(store: Path) -> None:
    for address in (store.parent, str(store), f"sqlite:///{store}"):
        assert len(open_history(address).runs) == 6


def test_executions_without_any_context_are_steps_without_a_run(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("DELETE FROM Association")
    connection.close()
    history = open_history(store)
    assert all(run.state == "new" and not run.steps for run in history.runs.values())
    assert {step.run for step in history.steps.values()} == {None}
    assert history.steps[6].node == "Trainer"  # from its type


def test_what_is_read_at_once_is_what_is_read_one_by_one(store: Path) -> None:
    few, many = open_history(store), open_history(store)
    many.expect_many()
    for step in few.steps:
        assert many.output_ids(step) == few.output_ids(step)
        for key in ("model", "baseline_model", "examples", "nothing"):
            assert many.input_artifacts(step, key) == few.input_artifacts(step, key)
    assert any(few.input_artifacts(step, "baseline_model") for step in few.steps)
    for type in few.first_of_types:
        one_by_one = [each for each in few.artifacts.values() if each.type == type]
        assert few.of_type(type) == one_by_one
    assert [id for id, _, _ in few.places()] == list(few.artifacts)


def test_artifacts_of_a_type_that_lie_far_from_each_other_are_read_alone(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        [(type_id,)] = connection.execute("SELECT id FROM Type WHERE name = 'Schema'")
        [(other,)] = connection.execute("SELECT id FROM Type WHERE name = 'Model'")
        connection.executemany(
            "INSERT INTO Artifact (id, type_id, uri) VALUES (?, ?, ?)",
            [(id, other if id % 10 else type_id, f"/at/{id}") for id in range(10_000, 20_000)],
        )
    connection.close()
    history = open_history(store)
    found = [each for each in history.of_type("Schema") if each.id >= 10_000]
    assert [each.uri for each in found] == [f"/at/{id}" for id in range(10_000, 20_000, 10)]


def test_a_journal_that_cannot_be_read_is_named(memory_path):
    path = StoreWriter(memory_path / "root").root / "metadata.db"
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA journal_mode = WAL")
    file.close()
    path.with_name("metadata.db-wal").mkdir()
    with pytest.raises(StoreError, match=r"metadata.db-wal cannot be read: Is a directory"):
        open_history(path)


def test_a_store_that_a_run_holds_is_locked_for_a_moment(memory_path, monkeypatch):
    path = StoreWriter(memory_path / "root").root / "metadata.db"
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.1)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="is locked by a run that is writing; try again"):
        open_history(path)
    writer.close()
