"""Stores behind real servers: the same answers as from the file, and nothing written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from documents.store_address import parse_address
from inspection.__main__ import main
from inspection.history import History
from inspection.store import StoreError, open_history

servers = pytest.importorskip("tests.metadata_servers")

RECORDED = Path(__file__).parents[1] / "recorded" / "workspace" / "metadata.db"
SECRET = quote(servers.PASSWORD, safe="")


def told(history: History) -> object:
    """All that a history holds, times of rows apart, which a copy cannot have."""
    return (
        [(run.name, run.pipeline, run.state, run.steps) for run in history.runs.values()],
        [
            (step.id, step.type, step.node, step.state, dict(step.properties))
            for step in history.steps.values()
        ],
        [
            (each.id, each.type, each.uri, each.state, dict(each.properties))
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
    assert f"{scheme}://writer@127.0.0.1:{port}/metadb cannot be read" in str(refused.value)


def test_a_grpc_server_answers_as_the_file_does(grpc_server: int) -> None:
    assert told(open_history(f"grpc://127.0.0.1:{grpc_server}")) == told(open_history(RECORDED))


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


def test_a_file_is_read_without_the_client() -> None:
    code = (
        "import sys; from inspection.store import open_history;"
        f"open_history({str(RECORDED)!r}).events; assert 'ml_metadata' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
