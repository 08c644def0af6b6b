from __future__ import annotations

import io
import time

import pytest

from serving.base_path import storage
from serving.objects import patience
from serving.objects.place import Place
from serving.objects.store import StoreError
from tests.serving.stores import Store


@pytest.mark.medium
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_store_that_is_ill_for_a_while_is_asked_again(store: Store, status: int) -> None:
    address = store.base()
    store.write(address, b"content")
    store.wire.ill(3, status)
    with storage.reading(address) as file:
        assert file.read() == b"content"
    assert store.wire.ill_answers
    store.wire.ill(3, status)
    store.write(f"{address}/new", b"new")
    assert Place(f"{address}/new").read()[0] == b"new"


@pytest.mark.medium
@pytest.mark.parametrize("status", [500, 503])
def test_a_store_that_stays_ill_is_one_sentence(store: Store, status: int) -> None:
    address = store.base()
    store.wire.ill(50, status)
    with pytest.raises(
        StoreError, match=rf"the store failed 6 times in \d+ s, at last with {status}"
    ):
        storage.children(address)
    # A try may meet a connection that just ended, and a client ask twice.
    assert abs(store.wire.ill_answers - 6) <= 2


def test_a_store_that_takes_long_to_fail_is_not_asked_as_often(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = store.base()
    monkeypatch.setattr(patience, "LONGEST_SECONDS", 0.0)
    store.wire.ill(50, 503)
    with pytest.raises(StoreError, match=r"the store failed 1 time in 0 s, at last with 503"):
        storage.children(address)


def test_waits_grow_and_differ(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(patience, "WAITS", (1, 2, 4))
    monkeypatch.setattr(time, "sleep", waited.append)
    store.wire.ill(50, 503)
    with pytest.raises(StoreError, match="failed 4 times"):
        storage.children(store.base())
    for wait, longest in zip(waited, (1, 2, 4), strict=True):
        assert longest / 2 <= wait <= longest


@pytest.mark.medium
@pytest.mark.parametrize("byte", [1, 40, 400, 700, 800, 900, 1000, 1400, 2800, 3000, 4500])
def test_a_connection_cut_at_any_byte_changes_nothing(store: Store, byte: int) -> None:
    """Also not where the store did what it was asked, and only its answer was lost."""
    place, content = Place(store.base()), bytes(range(256)) * 8
    store.wire.cut_at(byte)
    tag = place.write_new(io.BytesIO(content))
    store.wire.mend()
    assert place.read() == (content, tag)
    store.wire.cut_at(byte)
    assert place.read() == (content, tag)
    store.wire.cut_at(byte)
    changed = place.write(io.BytesIO(b"other"), tag)
    store.wire.mend()
    assert place.read() == (b"other", changed)
