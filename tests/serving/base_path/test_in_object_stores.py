"""Base paths in object stores: servers that speak their protocols, and connections that fail."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from documents.provenance import Provenance
from serving.__main__ import main
from serving.base_path import lease, storage
from serving.base_path.confirmation import record_confirmation
from serving.base_path.content import MANIFEST, PROVENANCE, content_digest
from serving.base_path.errors import BasePathError, PublishError
from serving.base_path.journal import demand_changeable
from serving.base_path.ledger import read_ledger
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import (
    Version,
    list_versions,
    live_version,
    provenance_of,
    publish,
    version_digest,
)
from serving.base_path.withdrawal import prune, restore, rollback, withdraw
from tests.serving.base_path.written import make_model, numbers, replay
from tests.serving.stores import Store
from tests.there import there

pytestmark = pytest.mark.slow

EXTRA = {PROVENANCE: b'{"push_id": "p"}'}
of_one_kind = pytest.mark.parametrize(
    "running_store", ["gs", pytest.param("s3", marks=pytest.mark.extended)], indirect=True
)
"""For what changes do in either kind of store, whose protocols other tests speak: an S3 client
takes twice as long as Google's."""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("models")
    return [make_model(folder / str(number), b"%d" % number) for number in range(5)]


@pytest.fixture
def base(store: Store, models: list[Path]) -> str:
    """A base path with versions 1 and 2, of which 2 is live."""
    base = store.base()
    for number in (1, 2):
        publish(models[number], base, version=number, extra_files=EXTRA)
    return base


def contents(base: str) -> dict[int, str]:
    """The content digests of all versions, withdrawn or not, as their files are."""
    found = {*list_versions(base), *list_withdrawn(base)}
    return {version.number: content_digest(version.path) for version in found}


def unsound(base: str) -> list[str]:
    """What no change may leave behind."""
    names = storage.children(base)
    wrong = [name for name in names if name.startswith((".staging-", ".pruned-", ".probe-"))]
    if ".change.json" in names:
        wrong.append("a journal")
    if numbers(base) != replay(base):
        wrong.append(f"{numbers(base)} is there, and the ledger says {replay(base)}")
    whole = {v.path.rpartition("/")[2] for v in (*list_versions(base), *list_withdrawn(base))}
    versions = {name for name in names if name.removeprefix(".withdrawn-").isdecimal()}
    wrong += versions - whole
    return wrong


def test_publish_and_read_back(store: Store, models: list[Path]) -> None:
    base = store.base()
    assert list_versions(base) == []
    first = publish(models[0], base, extra_files=EXTRA)
    second = publish(models[0], base)
    assert second.number > first.number
    assert second.path == f"{base}/{second.number}"
    assert list_versions(base) == [first, second]
    assert version_digest(first) == content_digest(first.path) == content_digest(models[0])
    assert provenance_of(first.path) == Provenance(push_id="p")
    assert provenance_of(second.path) is None
    assert unsound(base) == []


@of_one_kind
def test_without_a_manifest_the_files_are_read(base: str, models: list[Path]) -> None:
    storage.remove_file(f"{base}/2/{MANIFEST}")
    assert version_digest(list_versions(base)[-1]) == content_digest(models[2])
    withdraw(base, 2, reason="x")
    assert restore(base, 2).live_after == 2
    assert storage.exists(f"{base}/2/{MANIFEST}")


def test_a_version_that_is_still_being_written_is_none(store: Store, models: list[Path]) -> None:
    base = store.base()
    store.write(f"{base}/{2**40}/variables/variables.index")
    assert list_versions(base) == []
    assert publish(models[0], base).number == 2**40 + 1


@of_one_kind
def test_a_model_that_changes_while_it_is_copied(store: Store, tmp_path: Path) -> None:
    base, model = store.base(), make_model(tmp_path / "model")

    def overwrite(number: int) -> dict[str, bytes]:
        (model / "variables/variables.index").write_bytes(b"other")
        return {}

    with pytest.raises(PublishError, match="differs"):
        publish(model, base, extra_files=overwrite)
    assert (list_versions(base), unsound(base)) == ([], [])


@of_one_kind
def test_what_is_refused_at_the_last_moment(base: str, models: list[Path]) -> None:
    def refuse(digest: str, live: Version | None) -> None:
        assert (digest, there(live).number) == (content_digest(models[3]), 2)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        publish(models[3], base, check=refuse)
    assert (numbers(base), unsound(base)) == (([1, 2], []), [])


def test_roll_back_restore_and_prune(base: str, models: list[Path]) -> None:
    publish(models[3], base, version=3)
    record_confirmation(list_versions(base)[-1], "http://serving:8501", "sha256:aa")
    rollback(base, 1, reason="bad")
    assert numbers(base) == replay(base) == ([1], [2, 3])
    assert restore(base, 3).live_after == 3
    assert contents(base) == {n: content_digest(models[n]) for n in (1, 2, 3)}
    storage.remove_file(f"{base}/1/saved_model.pb")  # as of a tool that died
    change = prune(base, 1, withdrawn=True, leftovers=0)
    assert (change.pruned, change.leftovers) == ((2,), ("1",))
    assert numbers(base) == ([3], [])
    assert [entry.action for entry in read_ledger(base)] == [
        "publish", "publish", "publish", "confirm", "rollback", "restore", "prune",
    ]  # fmt: skip
    assert not any(storage.exists(f"{base}/{name}") for name in ("1", "2", ".withdrawn-2"))


@of_one_kind
def test_a_changed_version_is_not_restored(store: Store, base: str) -> None:
    withdraw(base, 2, reason="x")
    store.write(f"{base}/.withdrawn-2/variables/variables.index", b"other")
    with pytest.raises(BasePathError, match="Version 2 was changed since it was published"):
        restore(base, 2)


@of_one_kind
def test_the_commands(store: Store, base: str, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--base-path", base])
        out = capsys.readouterr()
        return code, out.out + out.err

    code, shown = run("versions", "--verify")
    assert code == 0
    assert shown.count(" ok") == 2
    assert run("rollback", "--reason", "bad")[0] == 0
    assert run("restore", "2")[0] == 0
    store.write(f"{base}/1/variables/variables.index", b"other")
    code, shown = run("versions", "--verify")
    assert code == 1
    assert "CHANGED" in shown
    code, shown = run("serve")
    if store.scheme == "s3":
        assert code == 1
        assert shown.startswith(f"No model server reads {base}, since TensorFlow has no file")
    store.wire.ill(1_000, 503)
    code, shown = run("versions")
    assert code == 1
    assert "the store failed 6 times in 0 s, at last with 503" in shown
    assert shown.count("\n") == 1


@of_one_kind
def test_two_publishers_at_once(store: Store, models: list[Path]) -> None:
    base, published = store.base(), []
    threads = [
        threading.Thread(target=lambda model=model: published.append(publish(model, base)))
        for model in models[:3]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list_versions(base) == sorted(published)
    assert sorted(contents(base).values()) == sorted(map(content_digest, models[:3]))
    assert len(read_ledger(base)) == 3
    assert unsound(base) == []


@of_one_kind
def test_a_reader_never_sees_half_a_version(store: Store, base: str, models: list[Path]) -> None:
    """It looks at what is live as a model server does, while versions come and go."""
    whole, seen, done = set(map(content_digest, models)), set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            live = there(live_version(base))
            with contextlib.suppress(FileNotFoundError):
                digest = content_digest(live.path)
                # What was withdrawn meanwhile says nothing.
                if storage.exists(f"{live.path}/saved_model.pb"):
                    seen.add(digest)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for model in models[3:]:
            publish(model, base)
        rollback(base)
        rollback(base, 2)
    finally:
        done.set()
        reader.join()
    assert seen
    assert seen <= whole


@of_one_kind
def test_a_connection_that_is_cut_once_stops_no_publish(
    store: Store, base: str, models: list[Path]
) -> None:
    store.wire.mend()
    publish(models[3], base, version=3, extra_files=EXTRA)
    passed = store.wire.passed
    published = {number: models[number] for number in (1, 2, 3)}
    for number, share in ((4, 0.2), (5, 0.5), (6, 0.8)):
        published[number] = models[number % 5]
        store.wire.mend()
        store.wire.cut_at(int(passed * share))
        publish(published[number], base, version=number, extra_files=EXTRA)
    store.wire.mend()
    assert contents(base) == {n: content_digest(model) for n, model in published.items()}
    assert unsound(base) == []


@of_one_kind
@pytest.mark.parametrize(
    "share",
    [
        pytest.param(0.35, marks=pytest.mark.extended),
        0.7,
        pytest.param(0.9, marks=pytest.mark.extended),
    ],
)
def test_a_store_that_is_gone_in_the_middle(
    store: Store, base: str, models: list[Path], share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.wire.mend()
    publish(models[3], base, version=3)
    store.wire.cut_at(int(store.wire.passed * share), for_good=True)
    with contextlib.suppress(PublishError):  # Only the ledger's entry may have been missing.
        publish(models[4], base, version=4)
    store.wire.mend()
    known = {n: content_digest(models[n]) for n in (1, 2, 3, 4)}
    assert contents(base).items() <= known.items()
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.2)
    publish(models[0], base)
    assert contents(base).items() >= {n: known[n] for n in (1, 2, 3)}.items()
    assert unsound(base) == []


_known_bytes: dict[tuple[str, str], int] = {}
CHANGES: dict[str, Callable[[str, Path], object]] = {
    "publish": lambda base, model: publish(model, base, version=9),
    "rollback": lambda base, model: rollback(base, 1, reason="x"),
}


@pytest.mark.extended
@pytest.mark.parametrize(
    ("change", "share"),
    [("publish", 0.4), ("publish", 0.85), ("rollback", 0.6)],
)
def test_a_process_that_is_killed_in_the_middle(
    store: Store,
    base: str,
    models: list[Path],
    change: str,
    share: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {n: content_digest(models[n]) for n in (1, 2)}
    publish(models[3], base, version=7)
    withdraw(base, 7, reason="x")
    act = functools.partial(CHANGES[change], base, models[4])
    passed = _bytes_of(store, change, models)
    _killed_at(store, int(passed * share), act)
    # What is there now is whole, and what is done next finishes it, or takes it away.
    known |= {7: content_digest(models[3]), 9: content_digest(models[4])}
    assert contents(base).items() <= known.items()
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.2)
    publish(models[0], base)
    assert unsound(base) == []
    after = contents(base)
    assert {n: after[n] for n in (1, 2, 7)} == {n: known[n] for n in (1, 2, 7)}


def test_a_base_path_that_can_be_changed(base: str) -> None:
    demand_changeable(base)
    assert unsound(base) == []


def test_one_that_cannot_is_found_before_the_training(store: Store) -> None:
    base = f"{store.scheme}://no-such-bucket/base"
    with pytest.raises(BasePathError, match="there is no bucket called no-such-bucket"):
        demand_changeable(base)


def _bytes_of(store: Store, change: str, models: list[Path]) -> int:
    """How many pass in a change of a base path like that of the test; each is measured once."""
    if (known := _known_bytes.get((store.scheme, change))) is not None:
        return known
    like = store.base()
    for number in (1, 2):
        publish(models[number], like, version=number, extra_files=EXTRA)
    publish(models[3], like, version=7)
    withdraw(like, 7, reason="x")
    store.wire.mend()
    CHANGES[change](like, models[4])
    return _known_bytes.setdefault((store.scheme, change), store.wire.passed)


def _killed_at(store: Store, byte: int, act: Callable[[], object]) -> None:
    """Runs `act` in a child that is killed when so many bytes have passed."""
    child: list[int] = []
    store.wire.cut_at(byte, then=lambda: os.kill(child[0], signal.SIGKILL))
    begin, wait = os.pipe(), 60.0
    child.append(os.fork())
    if child[0] == 0:
        os.read(begin[0], 1)
        with contextlib.suppress(BaseException):
            act()
        os._exit(0)
    os.write(begin[1], b"x")
    deadline = time.monotonic() + wait
    while os.waitpid(child[0], os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            os.kill(child[0], signal.SIGKILL)
        time.sleep(0.005)
    for end in begin:
        os.close(end)
    store.wire.mend()
