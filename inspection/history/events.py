"""Who read or wrote what: of a few records looked up one by one, of many read at once."""

from __future__ import annotations

import functools
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from inspection.history.records import Event

Side = Literal["step", "artifact"]
FindEvents = Callable[[Side, int], Iterable[Event]]

FEW = 1_000
"""So many single questions about events cost about as much as reading all of them."""


class Events:
    """Those between known steps and artifacts: a run may have added rows since its store was
    opened."""

    def __init__(
        self,
        read: Callable[[], Iterable[Event]],
        find: FindEvents | None,
        steps: Collection[int],
        artifacts: Collection[int],
    ) -> None:
        """Reads nothing yet.

        Args:
          read: all events; called at most once, but for `each`.
          find: those of one step or artifact, where that is faster for a few.
          steps: ids of those that are known.
          artifacts: likewise.
        """
        self._read = read
        self._find = find
        self._steps = steps
        self._artifacts = artifacts
        self._found: dict[tuple[Side, int], Sequence[Event]] = {}
        self._lock = threading.Lock()

    @functools.cached_property
    def all(self) -> Sequence[Event]:
        """In the order in which they were written."""
        return tuple(self.each())

    def each(self) -> Iterator[Event]:
        """The same one by one, none of which is kept."""
        return self._known(self._read(), frozenset(self._artifacts))

    def of(self, side: Side, id: int) -> Sequence[Event]:
        """Those of one record; none of one that is not there."""
        if self._find and len(self._found) < self._few and "_index" not in self.__dict__:
            with self._lock:
                if (side, id) not in self._found:
                    self._found[side, id] = tuple(self._known(self._find(side, id)))
                return self._found[side, id]
        return self._index[side].get(id, ())

    @property
    def are_many(self) -> bool:
        """Whether so many were looked up one by one that all should be read."""
        return len(self._found) >= FEW

    @functools.cached_property
    def _few(self) -> int:
        return max(FEW, (len(self._steps) + len(self._artifacts)) // 10)

    @functools.cached_property
    def _index(self) -> Mapping[Side, Mapping[int, Sequence[Event]]]:
        by_step: defaultdict[int, list[Event]] = defaultdict(list)
        by_artifact: defaultdict[int, list[Event]] = defaultdict(list)
        for event in self.all:
            by_step[event.step].append(event)
            by_artifact[event.artifact].append(event)
        return {"step": dict(by_step), "artifact": dict(by_artifact)}

    def _known(
        self, events: Iterable[Event], artifacts: Container[int] | None = None
    ) -> Iterator[Event]:
        known = self._artifacts if artifacts is None else artifacts
        return (event for event in events if event.step in self._steps and event.artifact in known)
