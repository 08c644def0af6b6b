from __future__ import annotations

import logging

import filelock
import pytest

from serving.base_path import journal, lease, waiting
from serving.base_path.lease import Lease
from serving.base_path.versions import publish
from tests.serving.stores import Store


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(waiting, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.01)
    caplog.set_level(logging.INFO, "progress")


@pytest.mark.medium
def test_who_waits_for_a_killed_process_hears_of_it_and_how_long(
    store: Store, monkeypatch, caplog
) -> None:
    address = store.base()
    killed = Lease(address, 60)
    killed._owner = "trainer-7 4711 0a1b"
    killed._write("")
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.0)
    with Lease(address, 60):
        first, *others, last = [record for record in caplog.records if record.name == "progress"]
    assert first.getMessage() == (
        "waiting for process 4711 of trainer-7, which changes the base path and holds "
        f"{address}: until it is done, 60 s at most, or has given no sign for 1 s"
    )
    assert {(each.levelname, each.getMessage()[:40]) for each in others} == {
        ("INFO", "no sign of process 4711 of trainer-7 for")
    }
    assert (first.levelname, last.levelname) == ("WARNING", "WARNING")
    assert last.getMessage() == (
        f"process 4711 of trainer-7 gave no sign for 1 s, so {address} was taken over"
    )


def test_whoever_has_the_turn_at_once_hears_nothing(store: Store, caplog) -> None:
    address = store.base()
    for _ in range(2):
        with Lease(address, 60):
            pass
    assert not caplog.records


def test_who_waits_on_this_machine_hears_of_it(tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setattr(journal, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(journal, "SILENT_SECONDS", 0.01)
    model = tmp_path / "model"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"x")
    base = tmp_path / "base"
    base.mkdir()
    lock = base / ".publish.lock"
    with filelock.FileLock(str(lock)), pytest.raises(OSError, match="locked by another process"):
        publish(model, base)
    assert [record.getMessage() for record in caplog.records if record.name == "progress"] == [
        f"waiting for another process, which changes the base path and holds {lock}: until it is "
        "done, 0 s at most"
    ]


@pytest.mark.parametrize("owner", [None, "", "somebody", "a b c", "host 1 \x1b[31m 2"])
def test_an_owner_that_nobody_can_name_is_another_process(owner: str | None) -> None:
    assert waiting.named(owner) == "another process"


def test_a_name_cannot_steer_the_terminal() -> None:
    assert waiting.named("\x1b[31mhost 7 0a") == "process 7 of \\x1b[31mhost"
