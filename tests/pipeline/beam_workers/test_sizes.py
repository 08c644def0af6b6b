"""What Beam counts of a value that its cache keeps: the same as without the shortcut."""

from __future__ import annotations

import inspect
import sys
import types
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from apache_beam.runners.worker import statecache

from pipeline.beam_workers import sizes


class Aware(statecache.CacheAware):
    """Says itself what counts."""

    def __init__(self) -> None:
        self.kept, self.shared = b"a" * 100, b"b" * 10_000

    def get_referents_for_cache(self) -> list[Any]:
        return [self.kept]


def numbers() -> Iterator[int]:
    """Its frame leads to the globals of this module."""
    yield from range(3)


def started() -> Iterator[int]:
    running = numbers()
    next(running)
    return running


SHARED = ["a", b"b" * 50]
VALUES = {
    "nothing": None,
    "chunk": ([b"one", b"two" * 100], None),
    "twice": SHARED * 2,
    "nested": {"a": [1, 2.0, {"__name__": "sys", "b": (3,) * 20}]},
    "named like a module": {"__name__": sys},
    "named oddly": {"__name__": ["sys"]},
    "globals": {"globals": vars(sys)},
    "ours": [globals(), SHARED],
    "generator": started(),
    "module": [sys, types, len, Aware],
    "object": types.SimpleNamespace(a=1, b=[2, 3]),
    "aware": Aware(),
    "weak": weakref.proxy(numbers),
}


_plain = inspect.unwrap(statecache.get_deep_size)


@pytest.mark.medium
@pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))
def test_the_same_as_without(value: Any):
    assert sizes.deep_size(value) == _plain(value)


def test_several_values_are_one_whole():
    assert sizes.deep_size(SHARED, SHARED) == _plain(SHARED, SHARED) == sizes.deep_size(SHARED)


def test_the_cache_of_a_worker_measures_so(monkeypatch: pytest.MonkeyPatch):
    weight = _plain(VALUES["chunk"])
    monkeypatch.setattr(statecache, "get_deep_size", _plain)
    sizes.measure_without_listing_modules()
    sizes.measure_without_listing_modules()  # Twice is once.
    monkeypatch.setattr("objsize.traverse._iter_modules_globals", _never)
    cache = statecache.StateCache(1 << 20)
    assert cache.get("key", lambda _: VALUES["chunk"]) == VALUES["chunk"]
    assert cache._current_weight == weight


def _never() -> Iterator[Any]:
    raise AssertionError("all modules are listed")
