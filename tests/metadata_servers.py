"""Database servers of this machine, an MLMD gRPC server, and a way to fill them."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent import futures
from pathlib import Path
from typing import Any
from urllib.parse import quote

import grpc
import pytest
from ml_metadata.metadata_store.metadata_store import MetadataStore
from ml_metadata.metadata_store.pywrap.metadata_store_extension import metadata_store as methods
from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2

PASSWORD = "s3cr3t/&"
READY_SECONDS = 60.0
_STATUSES = {code.value[0]: code for code in grpc.StatusCode}


def quoted() -> str:
    """The password as an address holds it."""
    return quote(PASSWORD, safe="")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _demand(*names: str) -> list[str]:
    """Paths of installed programs, also where servers are kept out of PATH.

    Without them the test is skipped, except where REQUIRE_DATABASES is set, as in CI.
    """
    found = {name: _program(name) for name in names}
    if None in found.values():
        lacking = ", ".join(name for name, path in found.items() if path is None)
        missing = pytest.fail if os.environ.get("REQUIRE_DATABASES") else pytest.skip
        missing(f"not installed: {lacking}; apt-get install mariadb-server postgresql")
    return [path for path in found.values() if path]


def _program(name: str) -> str | None:
    places = ("/usr/sbin", "/usr/lib/postgresql/*/bin")
    found = [path for place in places for path in sorted(glob.glob(f"{place}/{name}"))]
    return found[-1] if found else shutil.which(name)


class Server:
    """A database of this machine that can be killed, and started again on the same port."""

    def __init__(self, port: int, command: Sequence[str], ask: Sequence[str], account: str | None):
        self.port = port
        self._command, self._ask, self._account = command, ask, account
        self.process = _start(command, account)

    def wait(self) -> None:
        _wait_for(self._ask)

    def tell(self, statement: str) -> None:
        """Has its master say some SQL."""
        _run([*self._ask[:-1], statement])

    def start(self) -> None:
        """Again, after its end."""
        self.process.wait()
        self.process = _start(self._command, self._account)
        self.wait()

    def stop(self) -> None:
        # At SIGTERM PostgreSQL waits for every client, and ML Metadata's never closes a connection.
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def mariadb() -> Iterator[int]:
    """A server with users `writer` and `reader`, who may only SELECT; yields its port."""
    with mariadb_server() as server:
        yield server.port


@contextlib.contextmanager
def mariadb_server() -> Iterator[Server]:
    """As `mariadb`, to be killed."""
    server, install, client = _demand("mariadbd", "mariadb-install-db", "mariadb")
    with _folder("mysql") as (folder, account):
        own = [f"--user={account}"] if account else []
        port, pipe = free_port(), f"{folder}/socket"
        data = f"--datadir={folder}/data"
        _run([install, "--no-defaults", data, "--auth-root-authentication-method=normal", *own])
        command = [server, "--no-defaults", data, f"--port={port}", f"--socket={pipe}", *own]
        command += ["--bind-address=127.0.0.1", "--skip-log-bin"]
        ask = [client, "--no-defaults", f"--socket={pipe}", "--user=root", "--execute"]
        made = Server(port, command, [*ask, "SELECT 1"], None)
        with _stopped(made):
            made.wait()
            _run([*ask, "CREATE DATABASE metadb; CREATE DATABASE nothing"])
            for user, rights in (("writer", "ALL"), ("reader", "SELECT")):
                who = f"'{user}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"
                _run([*ask, f"GRANT {rights} ON *.* TO {who}"])
            yield made


@contextlib.contextmanager
def postgresql() -> Iterator[int]:
    """A server with user `postgres`, PASSWORD; yields its port."""
    with postgresql_server() as server:
        yield server.port


@contextlib.contextmanager
def postgresql_server() -> Iterator[Server]:
    """As `postgresql`, to be killed."""
    server, install, client = _demand("postgres", "initdb", "psql")
    with _folder("postgres") as (folder, account):
        port = free_port()
        secret = Path(folder) / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        setting = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync"]
        _run([install, "-D", f"{folder}/data", *setting], account)
        command = [server, "-D", f"{folder}/data", "-p", str(port), "-k", folder]
        command += ["-c", "listen_addresses=127.0.0.1"]
        login = f"host=127.0.0.1 port={port} user=postgres password='{PASSWORD}'"
        ask = [client, login, "-c"]
        made = Server(port, command, [*ask, "SELECT 1"], account)
        with _stopped(made):
            made.wait()
            for name in ("metadb", "nothing"):
                _run([*ask, f"CREATE DATABASE {name}"])
            yield made


@contextlib.contextmanager
def mlmd_server(store: Path) -> Iterator[int]:
    """The official service over the official sqlite store, whose messages pass as they are."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(store)
    behind = MetadataStore(config)._metadata_store

    def handler(method: Any) -> grpc.RpcMethodHandler:
        ask = getattr(methods, method.name)

        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            content, message, status = ask(behind, request)
            if status:
                context.abort(_STATUSES[status], message.decode())
            return content

        return grpc.unary_unary_rpc_method_handler(answer)

    service = metadata_store_service_pb2.DESCRIPTOR.services_by_name["MetadataStoreService"]
    server = grpc.server(futures.ThreadPoolExecutor(1))
    handlers = {
        method.name: handler(method) for method in service.methods if hasattr(methods, method.name)
    }
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service.full_name, handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(None)


def fill(target: MetadataStore, store: Path) -> None:
    """Writes what a sqlite store holds into another one, in the order of ids."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(store)
    source = MetadataStore(config)
    kinds = {}
    for kind in ("artifact", "execution", "context"):
        put = getattr(target, f"put_{kind}_type")
        types = getattr(source, f"get_{kind}_types")()
        kinds[kind] = {each.id: put(_without_id(each), can_add_fields=True) for each in types}
    ids: dict[str, dict[int, int]] = {}
    for kind in ("artifact", "execution", "context"):
        found = sorted(getattr(source, f"get_{kind}s")(), key=lambda each: each.id)
        new = [_without_id(each, kinds[kind][each.type_id]) for each in found]
        put = getattr(target, f"put_{kind}s")
        ids[kind] = dict(zip((each.id for each in found), put(new), strict=True))
    associations = [
        metadata_store_pb2.Association(execution_id=ids["execution"][each.id], context_id=new)
        for old, new in ids["context"].items()
        for each in source.get_executions_by_context(old)
    ]
    target.put_attributions_and_associations([], associations)
    events = source.get_events_by_execution_ids(list(ids["execution"]))
    for event in events:
        event.artifact_id = ids["artifact"][event.artifact_id]
        event.execution_id = ids["execution"][event.execution_id]
    target.put_events(events)


def _without_id(found: Any, type_id: int | None = None) -> Any:
    copy = type(found)()
    copy.CopyFrom(found)
    copy.ClearField("id")
    if type_id is not None:
        copy.type_id = type_id
    return copy


@contextlib.contextmanager
def _folder(account: str) -> Iterator[tuple[str, str | None]]:
    """A folder of a server's own, and the account to run it under; these refuse to be root."""
    with tempfile.TemporaryDirectory() as folder:
        if os.getuid() != 0:
            yield folder, None
            return
        shutil.chown(folder, account)
        yield folder, account


def _run(command: Sequence[str], account: str | None = None) -> None:
    done = subprocess.run(
        command, user=account, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stdout


def _start(command: Sequence[str], account: str | None = None) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, user=account, stdout=quiet, stderr=quiet, cwd="/")


@contextlib.contextmanager
def _stopped(server: Server) -> Iterator[None]:
    try:
        yield
    finally:
        server.stop()


def _wait_for(command: Sequence[str]) -> None:
    end = time.monotonic() + READY_SECONDS
    while subprocess.run(command, capture_output=True).returncode != 0:
        assert time.monotonic() < end, f"{command[0]}: no answer"
        time.sleep(0.2)
