"""All steps of a store by id; of most a question wants to know one thing, and not the record."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Iterator, KeysView, Mapping
from typing import Generic, TypeVar

from inspection.history.records import Step

Row = TypeVar("Row")


class Steps(Mapping[int, Step], Generic[Row]):
    """Records in the order of their ids. What a reader has not made yet, it makes of rows when
    somebody looks at it; it may tell the four things below without."""

    def __init__(self, records: Mapping[int, Step | Row]) -> None:
        """Takes records, or rows of which `_made` makes them, in the order of their ids."""
        self._records = dict(records)

    @classmethod
    def of(cls, steps: Iterable[Step]) -> Steps[Row]:
        """Those that are there already."""
        return cls({step.id: step for step in steps})

    def __getitem__(self, id: int) -> Step:
        found = self._records[id]
        if isinstance(found, Step):
            return found
        made = self._records[id] = self._made(found)
        return made

    @property
    def ids(self) -> KeysView[int]:
        """Quicker to ask whether one is there, for whoever asks about very many."""
        return self._records.keys()

    def __contains__(self, id: object) -> bool:
        return id in self._records

    def __iter__(self) -> Iterator[int]:
        return iter(self._records)

    def __reversed__(self) -> Iterator[int]:
        return reversed(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def state_of(self, id: int) -> str:
        return self[id].state

    def type_of(self, id: int) -> str:
        return self[id].type

    def node_of(self, id: int) -> str:
        return self[id].node

    def run_of(self, id: int) -> int | None:
        return self[id].run

    def attempt_of(self, id: int) -> Hashable:
        """What it is an attempt of, and others of its run may be, too: its node; None where nobody
        said which that is."""
        return self[id].node

    def group_of(self, id: int) -> int | None:
        """The id of the part of a graph that it lies in."""
        return None

    def nodes_of(self, ids: Iterable[int]) -> frozenset[str]:
        """The nodes that these are executions of."""
        return frozenset(map(self.node_of, ids))

    def in_states(self, *states: str) -> list[int]:
        """The ids of all that are in one of these."""
        return [id for id in self if self.state_of(id) in states]

    def of_types(self, is_one: Callable[[str], bool]) -> list[int]:
        """The ids of all whose type is one."""
        return [id for id in self if is_one(self.type_of(id))]

    def with_changed(self, steps: Mapping[int, Step]) -> Steps[Row]:
        """The same with these in the place of those of their ids."""
        changed = copy.copy(self)
        changed._records = {**self._records, **steps}
        return changed

    def _made(self, row: Row) -> Step:
        raise NotImplementedError
