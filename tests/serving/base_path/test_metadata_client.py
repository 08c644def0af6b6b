"""Texts in ML Metadata stores, as they were written, whatever holds them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.metadata_store import ListOptions
from ml_metadata.metadata_store.metadata_store import MetadataStore
from ml_metadata.proto import metadata_store_pb2 as pb

from documents.store_address import StoreAddress
from serving.base_path.metadata_client import KEPT_AS, open_store
from serving.base_path.metadata_connection import connection_config
from tests import metadata_servers as servers
from tests.serving.programs import REPOSITORY

pytestmark = pytest.mark.slow

TEXTS = (
    "plain",
    "a\\b",
    "\\",
    "\\\\",
    "E'\\''\"",
    '{"a": "{\\"b\\": \\"c\\\\\\"}"}',
    "C:\\Users\\o'neil",
    "\\u00e4 ä \n\t\x01",
    "$1 %s ; -- /* */",
)


@pytest.fixture(scope="module")
def in_file(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = pb.ConnectionConfig()
    made.sqlite.filename_uri = str(tmp_path_factory.mktemp("store") / "metadata.db")
    made.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    return made


@pytest.fixture(scope="module")
def in_postgresql() -> Iterator[Any]:
    with servers.postgresql() as port:
        yield connection_config(
            StoreAddress("postgresql", "127.0.0.1", port, "metadb", "postgres", servers.PASSWORD)
        )


@pytest.fixture(params=["in_file", "in_postgresql"])
def config(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_comes_back(config: Any, text: str):
    store = open_store(config)
    kind = f"{text} {time.time_ns()}"
    execution = pb.Execution(
        type_id=store.put_execution_type(pb.ExecutionType(name=kind, properties={"p": pb.STRING})),
        name=kind,
    )
    execution.properties["p"].string_value = text
    execution.custom_properties["c"].string_value = text
    artifact = pb.Artifact(
        type_id=store.put_artifact_type(pb.ArtifactType(name=kind)), uri=f"/a/{text}", name=kind
    )
    event = pb.Event(type=pb.Event.OUTPUT)
    event.path.steps.add().key = text
    context = pb.Context(type_id=store.put_context_type(pb.ContextType(name=kind)), name=kind)
    number, _, _ = store.put_execution(execution, [(artifact, event)], [context])

    [found] = open_store(config).get_executions_by_id([number])
    assert (found.name, found.properties["p"].string_value) == (kind, text)
    assert found.custom_properties["c"].string_value == text
    [made] = store.get_artifacts_by_type(kind)
    assert (made.name, made.uri) == (kind, f"/a/{text}")
    [told] = store.get_events_by_execution_ids([number])
    assert told.path.steps[0].key == text
    there = store.get_context_by_type_and_name(kind, kind)
    assert there is not None
    assert [each.id for each in store.get_executions_by_context(there.id)] == [number]
    assert execution.custom_properties["c"].string_value == text  # what was handed over stays


def test_a_filter_asks_for_the_text_that_was_written(in_postgresql: Any):
    store = open_store(in_postgresql)
    uri = f"/a\\b/{time.time_ns()}"
    kind = store.put_artifact_type(pb.ArtifactType(name="F"))
    store.put_artifacts([pb.Artifact(type_id=kind, uri=uri)])
    found = store.get_artifacts(ListOptions(filter_query=f'uri = "{uri}"'))
    assert [each.uri for each in found] == [uri]


def test_other_clients_see_the_character_that_the_docs_name(in_postgresql: Any):
    store = open_store(in_postgresql)
    made = pb.Artifact(type_id=store.put_artifact_type(pb.ArtifactType(name="O")), uri="a\\b")
    [number] = store.put_artifacts([made])
    [seen] = MetadataStore(in_postgresql).get_artifacts_by_id([number])
    assert seen.uri == f"a{KEPT_AS}b"


def test_a_change_is_recorded_without_a_word_of_the_library(in_postgresql: Any, tmp_path: Path):
    for number in (1, 2):
        (tmp_path / f"base/{number}").mkdir(parents=True)
        (tmp_path / f"base/{number}/saved_model.pb").touch()
    store = f"postgresql://postgres@127.0.0.1:{in_postgresql.postgresql.port}/metadb"
    change = ("rollback", "--reason", "x", "--base-path", str(tmp_path / "base"))
    environment = {k: v for k, v in os.environ.items() if k != "GLOG_minloglevel"}
    environment |= {"METADATA_PASSWORD": servers.PASSWORD, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-m", "serving", *change, "--store", store],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    kinds = [kind.name for kind in open_store(in_postgresql).get_execution_types()]
    assert "serving.rollback" in kinds
