"""Files in the place of a metadata store."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from pipeline.local.store.sqlite_file import SCHEMA_VERSION, StoreError, check_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A store as ML Metadata makes it."""
    path = tmp_path_factory.mktemp("store") / "metadata.db"
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = (
        metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    )
    metadata_store.MetadataStore(config).get_contexts()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    # Signs that mean something in a URI.
    return tmp_path / "meta? #%41 data.db"


def _with_version(path: Path, store: bytes, version: int) -> None:
    path.write_bytes(store)
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE MLMDEnv SET schema_version = {version}")
    connection.commit()
    connection.close()


def test_a_store_is_good_and_so_is_none_yet(path: Path, store: bytes):
    check_store(path)
    path.touch()
    check_store(path)
    path.write_bytes(store)
    check_store(path)
    assert path.read_bytes() == store


@pytest.mark.parametrize("version", [SCHEMA_VERSION - 4, SCHEMA_VERSION + 1])
def test_a_store_of_another_release_is_named(path: Path, store: bytes, version: int):
    _with_version(path, store, version)
    with pytest.raises(
        StoreError, match=rf"version {version}, here it is {SCHEMA_VERSION}.*--root"
    ):
        check_store(path)


@pytest.mark.parametrize("size", [100, 5_000, 20_000])
def test_a_cut_store_is_damaged(path: Path, store: bytes, size: int):
    path.write_bytes(store[:size])
    with pytest.raises(StoreError, match=r"is damaged \(.*\): restore a copy"):
        check_store(path)


def test_what_a_killed_writer_left_is_undone(path: Path, store: bytes):
    path.write_bytes(store)
    script = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN');"
        "c.execute('CREATE TABLE more (x)');"
        "c.execute('INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 5000) SELECT hex(zeroblob(200)) FROM n'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert path.with_name(f"{path.name}-journal").exists()
    check_store(path)
    assert path.read_bytes() == store


def test_a_byte_is_no_store(path: Path):
    path.write_bytes(b"S")
    with pytest.raises(StoreError, match="holds no ML Metadata"):
        check_store(path)


def test_text_is_no_store(path: Path):
    path.write_text("hello\n" * 1000)
    with pytest.raises(StoreError, match="file is not a database"):
        check_store(path)


def test_a_database_of_another_program_gets_no_tables_of_ours(path: Path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (name)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="holds no ML Metadata but something else"):
        check_store(path)


def test_a_store_that_another_program_holds_is_said_to_be(
    path: Path, store: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("pipeline.local.store.sqlite_file._PATIENCE", 0.1)
    path.write_bytes(store)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreError, match=r"database is locked.*run again"):
            check_store(path)
    finally:
        holder.close()
