from __future__ import annotations

import threading
import time

import filelock
import pytest

from serving.base_path import lease
from serving.base_path.lease import Lease, TakenOverError, demand_turn
from serving.objects.place import Place
from serving.objects.store import StoreError
from tests.serving.stores import Store


@pytest.mark.medium
def test_one_at_a_time(store: Store) -> None:
    address, inside, most = store.base(), 0, 0

    def work() -> None:
        nonlocal inside, most
        with Lease(address, 60):
            inside += 1
            most = max(most, inside)
            demand_turn(address)
            time.sleep(0.05)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)
    demand_turn(address)  # Nobody's any more, and so nothing to lose.


@pytest.mark.medium
def test_who_waits_too_long_gives_up(store: Store) -> None:
    address = store.base()
    with Lease(address, 60), pytest.raises(filelock.Timeout), Lease(address, 0.1):
        pass
    with Lease(address, 0.1):
        pass


@pytest.mark.medium
def test_what_a_killed_process_held_is_taken_over(store: Store, monkeypatch) -> None:
    address = store.base()
    killed = Lease(address, 60)
    monkeypatch.setattr(lease, "BEAT_SECONDS", 3_600)  # as if it were dead
    killed.__enter__()
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.2)
    monkeypatch.setattr(lease, "HELD_SECONDS", 0.1)
    began = time.monotonic()
    with Lease(address, 60):
        assert time.monotonic() - began > 0.2
        with pytest.raises(TakenOverError, match="was not renewed in time"):
            killed.demand()
        killed.__exit__(None, None, None)
        # Its release did not touch what is another's now.
        with pytest.raises(filelock.Timeout), Lease(address, 0):
            pass


def test_who_lives_is_not_taken_over(store: Store, monkeypatch) -> None:
    address = store.base()
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.02)
    with Lease(address, 60) as held:
        before = held._beat
        deadline = time.monotonic() + 60
        while held._beat < before + 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        held.demand()


@pytest.mark.medium
def test_what_lies_in_its_place_is_waited_for(store: Store, monkeypatch) -> None:
    address = store.base()
    store.write(address, b"\xff")
    with pytest.raises(filelock.Timeout), Lease(address, 0.1):
        pass
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.1)
    with Lease(address, 60):
        pass


def test_a_store_without_conditions_is_refused(store: Store, monkeypatch) -> None:
    real = Place.write
    monkeypatch.setattr(Place, "write", lambda self, content, condition=None: real(self, content))
    with pytest.raises(StoreError, match="passes over If-None-Match"), Lease(store.base(), 60):
        pass
