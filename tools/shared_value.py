"""A value that all processes of a test run have alike: the controller of pytest-xdist tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pytest

T = TypeVar("T")


class SharedValue(Generic[T]):
    """Made once, where tests are started; a worker of pytest-xdist takes what it is told.

    Args:
      name: of the value; no other one's.
    """

    def __init__(self, name: str):
        self._name = name
        self._key = pytest.StashKey[T]()

    def settle(self, config: pytest.Config, make: Callable[[], T]) -> T:
        """The value of this run, from now on; to be called by `pytest_configure`.

        Args:
          make: of its kinds that xdist can send: plain ones.
        """
        told = getattr(config, "workerinput", {})
        config.stash[self._key] = told[self._name] if self._name in told else make()
        config.pluginmanager.register(self)
        return config.stash[self._key]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker."""
        node.workerinput[self._name] = node.config.stash[self._key]

    def of(self, config: pytest.Config) -> T:
        """The value that was settled."""
        return config.stash[self._key]
