"""Stores behind real servers: the same answers as from the file, and nothing written."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from documents.store_address import parse_address
from inspection.__main__ import main
from inspection.history.history import History
from inspection.store import StoreError, open_history
from tests.inspection.store_writer import Out, StoreWriter

servers = pytest.importorskip("tests.metadata_servers")

RECORDED = Path(__file__).parents[1] / "recorded" / "workspace" / "metadata.db"
SECRET = quote(servers.PASSWORD, safe="")


def old_tfx(store: StoreWriter) -> None:
    """Before there were contexts of nodes, and a state."""
    contexts = [store.context("pipeline", "old"), store.context("run", "old.1")]
    state = {"state": "complete", "component_id": "Trainer"}
    store.execution("Trainer", contexts, properties=state, outputs={"model": Out("Model")})


def dotted_names(store: StoreWriter) -> None:
    """A node `b.Trainer` of pipeline `a`, and a node `Trainer` of pipeline `a.b`."""
    for name in ("a", "a.b"):
        store.run(name, f"{name}-1").node("b.Trainer", {}, {"model": Out("Model")})
        contexts = [store.context("pipeline", name), store.context("pipeline_run", f"{name}-1")]
        store.execution("X", contexts)


def sub_pipeline(store: StoreWriter) -> None:
    outer = [store.context("pipeline", "outer"), store.context("pipeline_run", "outer-1")]
    inner = [store.context("pipeline", "inner"), store.context("pipeline_run", "inner-1")]
    store.execution("tfx.Gen", [*outer, store.context("node", "outer.Gen")])
    store.execution("tfx.Trainer", [*outer, *inner, store.context("node", "inner.Trainer")])


def mixed(store: StoreWriter) -> None:
    """Kubeflow's, Vertex's and TFX's types in one store, and a run without any execution."""
    dotted_names(store)
    pipeline = store.context("system.Pipeline", "namespace/a/pipeline/train")
    run = store.context("system.PipelineRun", "train-1", namespace="a")
    store.execution("system.DAGExecution", [pipeline, run], state="running")
    experiment = store.context("system.Experiment", "fraud")
    empty = store.context("system.ExperimentRun", "fraud-1")
    for child, parent in ((run, pipeline), (empty, experiment)):
        store.client.put_parent_contexts([mlmd.ParentContext(child_id=child, parent_id=parent)])


def versions_of_types(store: StoreWriter) -> None:
    for version in ("1", "2"):
        kind = mlmd.ArtifactType(name="Forest", version=version)
        if version == "2":
            kind.base_type = mlmd.ArtifactType.MODEL
        of_run = mlmd.ContextType(name="pipeline_run", version=version)
        [run] = store.client.put_contexts(
            [mlmd.Context(type_id=store.client.put_context_type(of_run), name=f"run {version}")]
        )
        type_id = store.client.put_artifact_type(kind)
        [made] = store.client.put_artifacts([mlmd.Artifact(type_id=type_id, uri=version)])
        store.execution("Fit", [run], outputs={"forest": int(made)})


def told(history: History) -> object:
    """All that a history holds, times of rows apart, which a copy cannot have."""
    return (
        [(run.name, run.pipelines, run.state, run.steps) for run in history.runs.values()],
        [
            (step.id, step.type, step.node, step.state, step.pipeline, dict(step.properties))
            for step in history.steps.values()
        ],
        [
            (each.id, each.type, each.base, each.uri, each.state, dict(each.properties))
            for each in history.artifacts.values()
        ],
        sorted((e.step, e.artifact, e.direction, e.key, e.index) for e in history.events),
    )


@pytest.fixture(scope="module")
def mysql() -> Iterator[int]:
    with servers.mariadb() as port:
        from ml_metadata.metadata_store.metadata_store import MetadataStore
        from ml_metadata.proto import metadata_store_pb2

        config = metadata_store_pb2.ConnectionConfig()
        config.mysql.host, config.mysql.port, config.mysql.database = "127.0.0.1", port, "metadb"
        config.mysql.user, config.mysql.password = "writer", servers.PASSWORD
        servers.fill(MetadataStore(config), RECORDED)
        yield port


@pytest.fixture(scope="module")
def postgresql() -> Iterator[int]:
    with servers.postgresql() as port:
        from ml_metadata.metadata_store.metadata_store import MetadataStore
        from ml_metadata.proto import metadata_store_pb2

        config = metadata_store_pb2.ConnectionConfig()
        found = config.postgresql
        found.host, found.port, found.dbname = "127.0.0.1", str(port), "metadb"
        found.user, found.password = "postgres", servers.PASSWORD
        servers.fill(MetadataStore(config), RECORDED)
        yield port


@pytest.fixture(scope="module")
def grpc_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    store = tmp_path_factory.mktemp("grpc") / "metadata.db"
    with servers.mlmd_server(Path(shutil.copyfile(RECORDED, store))) as port:
        yield port


@pytest.mark.slow
@pytest.mark.parametrize("user", ["writer", "reader"])
def test_mysql_answers_as_the_file_does_also_to_a_user_who_may_only_select(
    mysql: int, user: str
) -> None:
    history = open_history(f"mysql://{user}:{SECRET}@127.0.0.1:{mysql}/metadb")
    assert told(history) == told(open_history(RECORDED))


@pytest.mark.slow
def test_mysql_without_a_store_is_refused_and_left_alone(mysql: int) -> None:
    with pytest.raises(StoreError) as refused:
        open_history(f"mysql://reader:{SECRET}@127.0.0.1:{mysql}/nothing")
    assert servers.PASSWORD not in str(refused.value)


@pytest.mark.slow
def test_postgresql_answers_as_the_file_does(postgresql: int) -> None:
    history = open_history(f"postgresql://postgres:{SECRET}@127.0.0.1:{postgresql}/metadb")
    assert told(history) == told(open_history(RECORDED))


@pytest.mark.slow
def test_postgresql_without_a_store_is_refused_and_left_alone(postgresql: int) -> None:
    address = f"postgresql://postgres:{SECRET}@127.0.0.1:{postgresql}/nothing"
    for _ in range(2):  # Had the first one made tables, the second would find an empty store.
        with pytest.raises(StoreError) as refused:
            open_history(address)
        assert servers.PASSWORD not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["mysql", "postgresql"])
def test_a_wrong_password_is_not_repeated(request, scheme: str) -> None:
    name = "mysql" if scheme == "mysql" else "postgresql"
    port = request.getfixturevalue(name)
    with pytest.raises(StoreError) as refused:
        open_history(f"{scheme}://writer:wr0ng-one@127.0.0.1:{port}/metadb")
    assert "wr0ng-one" not in str(refused.value)
    assert (
        f"{scheme}://writer@127.0.0.1:{port}/metadb cannot be read: it refuses this user; check "
        "user and database, and the password in METADATA_PASSWORD or METADATA_PASSWORD_FILE."
    ) in str(refused.value)
    with pytest.raises(StoreError, match="this user, of whom no password was given; check user"):
        open_history(f"{scheme}://writer@127.0.0.1:{port}/metadb")


@pytest.mark.parametrize("scheme", ["mysql", "postgresql"])
def test_a_server_that_is_not_there_is_no_matter_of_users(scheme: str) -> None:
    address = f"{scheme}://writer:wr0ng-one@127.0.0.1:{servers.free_port()}/metadb"
    with pytest.raises(StoreError) as refused:
        open_history(address)
    assert str(refused.value).endswith(
        "/metadb cannot be read: it does not answer (Connection refused); start it, or check host "
        "and port."
    )


def test_a_grpc_server_answers_as_the_file_does(grpc_server: int) -> None:
    assert told(open_history(f"grpc://127.0.0.1:{grpc_server}")) == told(open_history(RECORDED))


@pytest.mark.medium
@pytest.mark.parametrize("write", [old_tfx, dotted_names, sub_pipeline, mixed, versions_of_types])
def test_a_grpc_server_answers_as_the_file_does_whoever_wrote_it(memory_path, write) -> None:
    store = StoreWriter(memory_path / "root")
    write(store)
    known = told(open_history(store.root))
    with servers.mlmd_server(store.root / "metadata.db") as port:
        assert told(open_history(f"grpc://127.0.0.1:{port}")) == known


@pytest.mark.parametrize("text", ["mlmd-struct::%%%", "mlmd-struct::AAAA"])
def test_of_a_struct_that_a_server_cannot_read_the_row_is_told(memory_path, text: str) -> None:
    store = StoreWriter(memory_path / "root")
    store.run("any", "1").node("Maker", {}, {}, note="plain")
    del store.client
    path = store.root / "metadata.db"
    with sqlite3.connect(path) as rows:
        rows.execute("UPDATE ExecutionProperty SET string_value = ? WHERE name = 'note'", (text,))
    assert [each.properties["note"] for each in open_history(path).steps.values()] == [text]
    with servers.mlmd_server(path) as port, pytest.raises(StoreError) as refused:
        open_history(f"grpc://127.0.0.1:{port}")
    assert "begins with mlmd-struct:: and is no struct" in str(refused.value)
    assert "ExecutionProperty" in str(refused.value)
    assert "check host" not in str(refused.value)


def test_nodes_and_pipelines_may_have_dots_in_their_names(memory_path) -> None:
    store = StoreWriter(memory_path / "root")
    dotted_names(store)
    steps = open_history(store.root).steps.values()
    assert [(step.node, step.pipeline) for step in steps if step.node != "X"] == [
        ("b.Trainer", "a"),
        ("b.Trainer", "a.b"),
    ]


@pytest.mark.medium
def test_commands_take_an_address(grpc_server: int, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", f"grpc://127.0.0.1:{grpc_server}"]
    assert main(["runs", *store]) == 0
    assert capsys.readouterr().out.startswith("6 runs; ")
    assert main(["why", "r24", *store]) == 3
    root = ["--root", str(RECORDED.parent)]
    assert main(["drift", "test_accuracy", *store, *root]) == 0
    assert main(["serving", *store, "--root", "/nowhere"]) == 0
    assert "Only the store was asked" in capsys.readouterr().out


def test_no_server_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--store", f"grpc://127.0.0.1:{servers.free_port()}"]) == 1
    said = capsys.readouterr().err
    assert "cannot be read: " in said
    assert "or forward Kubeflow's with `kubectl port-forward" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "address",
    [
        "mysql://host",
        "postgresql://user:secret@host:5432/",
        "postgresql://host/db",
        "grpc://",
        "mysql://h:x/db",
        "mysql://[",
    ],
)
def test_an_incomplete_address_is_told_how_to_be_written(address: str) -> None:
    with pytest.raises(StoreError, match="is incomplete; write ") as refused:
        open_history(address)
    assert "secret" not in str(refused.value)


def test_user_and_password_may_be_percent_encoded_and_are_not_shown() -> None:
    address = parse_address(f"mysql://me:{SECRET}@db.example/metadb")
    assert (address.password, address.port) == (servers.PASSWORD, 3306)
    assert address.shown == "mysql://me@db.example:3306/metadb"
    assert servers.PASSWORD not in repr(address)


def test_another_kind_of_address_is_refused() -> None:
    with pytest.raises(StoreError, match="is no kind of store"):
        open_history("oracle://host/db")


@pytest.mark.medium
def test_a_file_is_read_without_the_client() -> None:
    code = (
        "import sys; from inspection.store import open_history;"
        f"open_history({str(RECORDED)!r}).events; assert 'ml_metadata' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
