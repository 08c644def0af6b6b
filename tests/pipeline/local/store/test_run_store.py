"""Stores that several runs share, on real databases that are killed in the middle."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import pipeline

from documents.run_owner import ARTIFACTS, LEASE, LEASE_SECONDS, OWNER, RunOwner
from documents.store_address import StoreAddress
from inspection.questions.executions.killed import settle
from inspection.store import open_history
from inspection.stores.error import StoreError as ReadError
from pipeline.local.nodes.launch import NodeFailedError, launch
from pipeline.local.nodes.result import NodeResult
from pipeline.local.store.connection import Connection, StoreGoneError
from pipeline.local.store.run_store import SharedStore
from pipeline.local.store.sqlite_file import StoreError
from pipeline.local.store.unpublished import adopt
from tests import metadata_servers as servers
from tests.pipeline.local.store.killing_node import Killing

pytestmark = pytest.mark.slow

KINDS = {
    "mysql": (servers.mariadb_server, "writer"),
    "postgresql": (servers.postgresql_server, "postgres"),
}

NASTY = r"""it's "mine\" \o E'\' $1 %s"""


class Silent:
    """An observer that says nothing."""

    def run_started(self, nodes) -> None: ...

    def node_started(self, node: str) -> None: ...

    def node_finished(self, result: NodeResult) -> None: ...


@dataclasses.dataclass
class Shared:
    """A database, and runs of one pipeline that are recorded in it."""

    server: servers.Server
    address: StoreAddress
    folder: Path
    runs: int = 0

    def store(self, root: str, patience: float = 60, host: str | None = None) -> SharedStore:
        owner = RunOwner.this(self.folder / root, f"place of {root}")
        if host:
            owner = dataclasses.replace(owner, host=host)
        return SharedStore(self.address, patience, owner)

    def gone(self, root: str, patience: float) -> SharedStore:
        """As `store`, of a process that will have ended when others look for it."""
        store = self.store(root, patience)
        store.owner = dataclasses.replace(store.owner, started="long ago")
        return store

    def run(self, root: str, *, store: SharedStore | None = None) -> str:
        """The state of the node."""
        built = pipeline.Pipeline(
            pipeline_name="shared",
            pipeline_root=str(self.folder / root / "artifacts"),
            components=[Killing(victim=str(self.folder / "victim"))],
            enable_cache=True,
        )
        self.runs += 1
        name = f"run-{self.runs}"
        [result] = launch(
            built,
            name,
            Silent(),
            copies=self.folder / root / "copies",
            store=store or self.store(root),
        )
        return result.state

    def kill_in_the_node(self) -> None:
        (self.folder / "victim").write_text(str(self.server.process.pid))


of_one_kind = pytest.mark.parametrize(
    "database",
    ["mysql", pytest.param("postgresql", marks=pytest.mark.extended)],
    indirect=True,
)
"""For what a run does when any of them goes away."""


@pytest.fixture(scope="module", params=list(KINDS))
def database(request: pytest.FixtureRequest) -> Iterator[tuple[servers.Server, StoreAddress]]:
    make, user = KINDS[request.param]
    with make() as server:
        yield (
            server,
            StoreAddress(request.param, "127.0.0.1", server.port, "metadb", user, servers.PASSWORD),
        )


@pytest.fixture
def shared(database: tuple[servers.Server, StoreAddress], tmp_path: Path) -> Shared:
    """A database of the test's own, on a server for all."""
    server, address = database
    name = f"t{time.time_ns()}"
    return Shared(server, dataclasses.replace(address, database=name), tmp_path)


def states(shared: Shared) -> list[str]:
    with shared.store("any").connection as handle:
        names = metadata_store_pb2.Execution.State.Name
        found = sorted(handle.store.get_executions(), key=lambda each: each.id)
        return [names(each.last_known_state) for each in found]


@of_one_kind
def test_runs_of_two_folders_share_a_store_without_each_others_files(shared: Shared) -> None:
    """Texts are read as they were written: JSON within JSON holds backslashes, and PostgreSQL's
    quotes are a story of their own."""
    shared.folder = shared.folder / NASTY
    shared.folder.mkdir()
    assert [shared.run("one"), shared.run("one"), shared.run("two")] == ["done", "cached", "done"]
    history = open_history(shared.address.shown.replace("@", f":{servers.quoted()}@"))
    assert [run.state for run in history.runs.values()] == ["complete"] * 3
    victims = {step.properties["victim"] for step in history.steps.values()}
    assert victims == {str(shared.folder / "victim")}


def test_two_first_connections_at_once_make_the_tables_once(shared: Shared) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: states(shared), range(4)))
    assert found == [[]] * 4


@of_one_kind
def test_a_store_that_comes_back_soon_is_told_what_was_made(shared: Shared) -> None:
    shared.run("warm")
    shared.kill_in_the_node()
    again = threading.Timer(0, _restart, [shared.server])
    again.start()
    assert shared.run("one") == "done"
    again.join()
    assert shared.run("one") == "cached"


@of_one_kind
def test_what_was_made_while_a_store_was_away_is_kept_and_adopted(shared: Shared) -> None:
    shared.run("warm")
    shared.kill_in_the_node()
    with pytest.raises(NodeFailedError) as caught:
        shared.run("one", store=shared.gone("one", patience=0.5))
    assert caught.value.node == "Killing"
    assert "is done and its outputs are kept. The metadata store" in str(caught.value.__cause__)
    assert servers.PASSWORD not in str(caught.value.__cause__)
    shared.server.start()
    assert states(shared)[-1] == "RUNNING"
    # Another ROOT is first to see that its process has ended.
    assert shared.run("warm") == "cached"
    assert states(shared)[-2:] == ["FAILED", "CACHED"]
    [record] = (shared.folder / "one" / "artifacts" / ".unpublished").iterdir()
    kept = record.read_bytes()
    assert shared.run("one") == "cached"
    assert states(shared)[-3:] == ["COMPLETE", "CACHED", "CACHED"]
    # So does another machine that had read of it at the same moment.
    record.write_bytes(kept)
    with shared.store("any").connection as handle:
        [execution] = handle.store.get_executions_by_id([int(record.stem)])
        execution.last_known_state = metadata_store_pb2.Execution.RUNNING
        handle.store.put_executions([execution])
        made = len(handle.store.get_artifacts())
        assert adopt(str(record.parents[1]), shared.store("any").connection) == []
        assert len(handle.store.get_artifacts()) == made


def test_only_executions_whose_owner_is_gone_are_settled(shared: Shared) -> None:
    shared.run("one")
    running = metadata_store_pb2.Execution.RUNNING
    artifacts = shared.folder / "one" / "artifacts"
    here = shared.store("one").owner
    settled = dataclasses.replace(here, boot="before", started="long ago")
    owners = {
        "settled by others": settled,
        "lives here": shared.store("two").owner,
        "died here": dataclasses.replace(shared.store("two").owner, started="long ago"),
        "lives there": dataclasses.replace(shared.store("two").owner, host="there"),
        "died there": dataclasses.replace(shared.store("two").owner, host="there"),
        "died under another name": dataclasses.replace(here, host="before", started="long ago"),
        "lives in a copy": dataclasses.replace(here, host="container", place="place of a copy"),
        "another program's": None,
    }
    with shared.store("any").connection as handle:
        store = handle.store
        [model] = store.get_executions()
        kind = store.get_context_type("pipeline_run").id
        whole = store.get_context_by_type_and_name("pipeline", "shared")
        ids = {}
        for name, owner in owners.items():
            context = metadata_store_pb2.Context(type_id=kind, name=name)
            if owner:
                context.custom_properties[OWNER].string_value = owner.as_text()
                age = 2 * LEASE_SECONDS if name in ("died there", "settled by others") else 0
                context.custom_properties[LEASE].double_value = time.time() - age
                context.custom_properties[ARTIFACTS].string_value = str(artifacts)
            execution = metadata_store_pb2.Execution(type_id=model.type_id)
            execution.last_known_state = running
            if owner == settled:
                execution.last_known_state = metadata_store_pb2.Execution.FAILED
            ids[name], _, _ = store.put_execution(execution, [], [whole, context])
            (artifacts / "Killing" / "made" / str(ids[name])).mkdir()
    shared.run("one")
    with shared.store("any").connection as handle:
        left = {
            name
            for name, identity in ids.items()
            if handle.store.get_executions_by_id([identity])[0].last_known_state == running
        }
    assert left == {"lives here", "lives there", "lives in a copy", "another program's"}
    # Of another machine nobody knows whether it will not wake up.
    folders = {name for name in ids if (artifacts / "Killing" / "made" / str(ids[name])).exists()}
    assert folders == {*left, "died there"}
    history = settle(open_history(shared.address.shown.replace("@", f":{servers.quoted()}@")))
    killed = {run.name for run in history.runs.values() if run.state == "killed"}
    assert not killed & left


def test_a_user_who_is_refused_is_told_so_at_once_and_without_the_password(
    shared: Shared,
) -> None:
    wrong = dataclasses.replace(shared.address, password="wr0ng-one")
    told = r"refuses this user.*METADATA_PASSWORD"
    with pytest.raises(StoreGoneError, match=told) as caught, Connection(wrong, 0.5):
        pass
    assert "wr0ng-one" not in str(caught.value)


def test_an_address_of_another_kind_of_server_is_told_before_anybody_waits(shared: Shared) -> None:
    schemes = ({*KINDS, "grpc"}) - {shared.address.scheme}
    for scheme in schemes:
        wrong = dataclasses.replace(shared.address, scheme=scheme)
        told = rf"cannot be used: a \w+ server answers there; write {shared.address.scheme}://"
        with pytest.raises(StoreError, match=told), Connection(wrong, 60):
            pass
        with pytest.raises(ReadError, match=told):
            open_history(wrong.shown)


ONLY_READ = {
    "mysql": ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0"),
    "postgresql": (
        "ALTER USER guest SET default_transaction_read_only = on",
        "ALTER USER guest RESET ALL",
    ),
}


@pytest.fixture
def guest(shared: Shared) -> Iterator[StoreAddress]:
    """A user who may do all that a run does in one database, and make none."""
    name, password = shared.address.database, servers.PASSWORD
    assert states(shared) == []  # which makes the tables
    if shared.address.scheme == "mysql":
        who, rights = "'guest'@'127.0.0.1'", "SELECT, INSERT, UPDATE, DELETE"
        told = f"CREATE USER {who} IDENTIFIED BY '{password}'; GRANT {rights} ON {name}.* TO {who}"
    else:
        who = "guest"
        told = f"CREATE USER guest PASSWORD '{password}'; GRANT postgres TO guest"
    shared.server.tell(told)
    yield dataclasses.replace(shared.address, user="guest")
    shared.server.tell(f"DROP USER {who}")


def test_whoever_may_make_no_database_uses_the_one_that_is_there(
    shared: Shared, guest: StoreAddress
) -> None:
    with Connection(guest, 0.5) as handle:
        assert handle.store.get_executions() == []
    other = dataclasses.replace(guest, database="nowhere")
    told = r"cannot be used \((Access denied for user 'guest'@|permission denied to create).*rights"
    with pytest.raises(StoreGoneError, match=told) as caught, Connection(other, 0.5):
        pass
    assert servers.PASSWORD not in str(caught.value)


def test_a_store_that_takes_nothing_is_asked_again_and_then_said_to(
    shared: Shared, guest: StoreAddress
) -> None:
    """As after a change of servers, or on a full disk: what a node has made is kept."""
    before, after = ONLY_READ[guest.scheme]
    shared.server.tell(before)
    kind = metadata_store_pb2.ExecutionType(name="new")
    try:
        with Connection(guest, 0.5) as handle:
            connection = Connection(guest, 0.5)
            with pytest.raises(StoreGoneError, match=r"cannot be used \(.*read-only.*written to"):
                connection.patiently(lambda: handle.store.put_execution_type(kind))
            assert connection.is_gone
    finally:
        shared.server.tell(after)
    with Connection(guest, 0.5) as handle:
        handle.store.put_execution_type(kind)


# PostgreSQL keeps places for its master, as whom this asks.
@pytest.mark.parametrize("database", ["mysql"], indirect=True)
def test_words_that_come_before_a_login_are_told(shared: Shared) -> None:
    shared.server.tell("SET GLOBAL max_connections = 10")
    try:
        with contextlib.ExitStack() as held:
            for _ in range(11):
                place = "127.0.0.1", shared.server.port
                held.enter_context(socket.create_connection(place)).recv(1)
            with (
                pytest.raises(
                    StoreGoneError, match=r"cannot be used \(Too many connections\): end"
                ),
                Connection(shared.address, 0.5),
            ):
                pass
    finally:
        _insist(lambda: shared.server.tell("SET GLOBAL max_connections = 100"))


def _insist(act: Callable[[], None]) -> None:
    """Until it works: a server takes a moment to notice who has left."""
    while True:
        with contextlib.suppress(AssertionError):
            return act()
        time.sleep(0.1)


def _restart(server: servers.Server) -> None:
    server.start()  # which waits for the end of the one before
