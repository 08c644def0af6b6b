"""Which nodes may start, of those that wait: a decision without clocks, processes or stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping


class Schedule:
    """Nodes in topological order, with those each waits for."""

    def __init__(
        self,
        upstream: Mapping[str, Collection[str]],
        jobs: int,
        *,
        alone: Collection[str] = (),
        done: Collection[str] = (),
    ):
        """Nothing has started.

        Args:
          upstream: by node, in the order in which they are preferred, the nodes before it.
          jobs: how many may run at once, 1 or more.
          alone: nodes beside which none runs.
          done: nodes that need not run.
        """
        self._upstream = upstream
        self._jobs = jobs
        self._alone = frozenset(alone)
        self._done = set(done)
        self._ended = set(done)
        self._running: list[str] = []

    @property
    def running(self) -> tuple[str, ...]:
        """In the order in which they were started."""
        return tuple(self._running)

    def next(self) -> str | None:
        """The first node that may start now; None where none may before another one ends.

        One that wants to be alone is not overtaken by those behind it, else it might wait for long.
        """
        if len(self._running) >= self._jobs or self._alone.intersection(self._running):
            return None
        for node, before in self._upstream.items():
            if node in self._ended or node in self._running or not self._done.issuperset(before):
                continue
            return None if node in self._alone and self._running else node
        return None

    def start(self, node: str) -> None:
        self._running.append(node)

    def end(self, node: str, *, succeeded: bool) -> None:
        """What waits for a node that did not succeed never starts."""
        self._running.remove(node)
        self._ended.add(node)
        if succeeded:
            self._done.add(node)
