"""A bucket of s3://, which TensorFlow does not reach."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from serving.objects import patience, place
from tests.serving.certificates import Authority
from tests.serving.object_stores import amazon
from tests.serving.stores import Store

_count = itertools.count()


@pytest.fixture(scope="session")
def running_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with amazon(authority) as wire:
        place._store.cache_clear()  # Another server was there before.
        yield Store("s3", wire, authority)


@pytest.fixture
def s3(running_s3: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A server of an object store, to which nobody waits long to return."""
    monkeypatch.setattr(patience, "WAITS", (0.01,) * 5)
    yield running_s3
    running_s3.wire.mend()


@pytest.fixture
def s3_root(s3: Store) -> str:
    """A pipeline root that nobody has used."""
    return f"{s3.base()}/runs-{next(_count)}"
