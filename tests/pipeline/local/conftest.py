"""A bucket, as pipeline roots are in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from serving.objects import patience, place
from tests.serving.certificates import Authority
from tests.serving.object_stores import google
from tests.serving.stores import Store

_count = itertools.count()


@pytest.fixture(scope="session")
def running_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with google(authority) as wire:
        place._store.cache_clear()  # Another server was there before.
        yield Store("gs", wire, authority)


@pytest.fixture
def bucket(running_bucket: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A server of an object store, to which nobody waits long to return."""
    monkeypatch.setattr(patience, "WAITS", (0.01,) * 5)
    yield running_bucket
    running_bucket.wire.mend()


@pytest.fixture
def remote_root(bucket: Store) -> str:
    """A pipeline root that nobody has used."""
    return f"{bucket.base()}/runs-{next(_count)}"
