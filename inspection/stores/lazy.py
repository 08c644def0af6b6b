"""Records and properties that come into being when somebody asks for them."""

from __future__ import annotations

import bisect
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from inspection.history.records import Artifact, Step, Value

Properties = Mapping[str, Value]
Row = tuple[Any, ...]
Record = TypeVar("Record")
Content = TypeVar("Content")
_EMPTY: Properties = {}
FEW = 20
"""How many records of a type are read one by one."""
NEIGHBOURS = 8
"""How many of a block are, before all of it is read; of one with very many a tenth."""
SPARSE = 4
"""Rows of blocks are read one by one where fewer than one of so many are wanted."""
BLOCK, SPAN = 256, 1024
"""How many rows are read at once, and from how many ids in a row properties are."""
MOST_BLOCKS = 128
MOST_AHEAD = 2_000
"""Of a type; properties that were read for their neighbours' sake are kept in blocks."""


class Group:
    """The properties of all records of one type.

    The first few are read one by one. Whoever asks for more, or for several side by side, is likely
    to ask for their neighbours, and one query for a hundred takes hardly longer than ten for one.
    """

    def __init__(
        self,
        read: Callable[[int, int], Mapping[int, Properties]],
        read_some: Callable[[Sequence[int]], Mapping[int, Properties]],
        told: Callable[[Properties], Properties],
    ):
        """Takes what to ask.

        Args:
          read: the properties of the records from one id to another, both among them, by id.
          read_some: those of some ids, of any type, as they are stored.
          told: of what is stored those that people are told.
        """
        self.read_some = read_some
        self._told = told
        self._found: dict[int, Properties] = {}
        self._singles: Counter[int] = Counter()
        self._read = read
        self._blocks = Blocks(self._read_block)
        self._worth = NEIGHBOURS
        self._at = self._came_from = -1
        self._lock = threading.Lock()

    def of(self, id: int) -> Properties:
        found = self._found.get(id)
        if found is not None:
            return found
        block = id // SPAN
        if block != self._at:
            self._came_from, self._at = self._at, block
        if self._is_single(block):
            with self._lock:
                self._singles[block] += 1
                return self._found.setdefault(id, self._read_one(id))
        return self._blocks[block].get(id, _EMPTY)

    def __contains__(self, id: int) -> bool:
        return id in self._found or id // SPAN in self._blocks

    def add(self, id: int, stored: Properties) -> None:
        """What `read_some` found of a record of this type."""
        if len(self._found) >= MOST_AHEAD:
            self._found.clear()
        self._found[id] = self._told(stored)

    def _read_one(self, id: int) -> Properties:
        return self._told(self.read_some([id]).get(id, _EMPTY))

    def _is_single(self, block: int) -> bool:
        """Whether a record is read alone: one of few, or far from the one before."""
        if block in self._blocks or self._singles[block] >= self._worth:
            return False
        walks = abs(self._came_from - block) == 1 and self._came_from in self._blocks
        return not walks or len(self._found) < FEW

    def _read_block(self, number: int) -> Mapping[int, Properties]:
        found = self._read(number * SPAN, (number + 1) * SPAN - 1)
        self._worth = max(NEIGHBOURS, len(found) // 10)
        return found


class Blocks(Generic[Content]):
    """What is read in blocks, of which those that were used last stay at hand."""

    def __init__(self, read: Callable[[int], Content]) -> None:
        """Takes what reads the block of a number."""
        self._read = read
        self._found: dict[int, Content] = {}
        self._last: tuple[int, Content] | None = None
        self._lock = threading.Lock()

    def __contains__(self, number: int) -> bool:
        return number in self._found

    def __getitem__(self, number: int) -> Content:
        # Most questions go through records in their order.
        last = self._last
        if last is not None and last[0] == number:
            return last[1]
        with self._lock:
            found = self._found.pop(number, None)
            if found is None:
                found = self._read(number)
                if len(self._found) >= MOST_BLOCKS:
                    del self._found[next(iter(self._found))]
            self._found[number] = found  # the last one is the one that was used last
            self._last = number, found
            return found


class LazyRows(Mapping[int, Record]):
    """Records by id, of which only the ids are kept: rows are read in blocks when somebody looks
    at them, and those that were looked at last stay at hand."""

    def __init__(
        self,
        ids: Sequence[int],
        read: Callable[[int, int], Iterable[Row]],
        read_some: Callable[[Sequence[int]], Iterable[Row]],
        make: Callable[[Row], Record],
    ):
        """Takes what there is.

        Args:
          ids: all of them, in order.
          read: the rows from one id to another, both among them; ids come first.
          read_some: the rows of at most BLOCK ids, in order.
          make: a record of a row.
        """
        self._ids = ids
        self._read_some = read_some
        self._make = make

        def block(number: int) -> dict[int, Row | Record]:
            part = ids[number * BLOCK : (number + 1) * BLOCK]
            return {row[0]: row for row in read(part[0], part[-1])}

        self._blocks = Blocks(block)

    def __getitem__(self, id: int) -> Record:
        position = self._position(id)
        if position is None:
            raise KeyError(id)
        block = self._blocks[position // BLOCK]
        found = block[id]
        if type(found) is tuple:
            found = block[id] = self._make(found)
        return found  # type: ignore[return-value]

    def some(self, ids: Sequence[int]) -> list[Record]:
        """The records of these ids, which are in order.

        Where few of each block are wanted, only those are read, and are not kept.
        """
        if not ids or len(ids) * SPARSE > (self._place(ids[-1]) - self._place(ids[0]) + 1):
            return [self[id] for id in ids]
        parts = (ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK))
        return [self._make(row) for part in parts for row in self._read_some(part)]

    def __contains__(self, id: object) -> bool:
        return isinstance(id, int) and self._position(id) is not None

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def _place(self, id: int) -> int:
        return bisect.bisect_left(self._ids, id)

    def _position(self, id: int) -> int | None:
        position = self._place(id)
        return position if position < len(self._ids) and self._ids[position] == id else None


class LazyProperties(Mapping[str, Value]):
    """The properties of one record."""

    __slots__ = ("_group", "_id")

    def __init__(self, group: Group, id: int):
        self._group = group
        self._id = id

    @property
    def place(self) -> tuple[Group, int]:
        """Where they come from."""
        return self._group, self._id

    def __getitem__(self, key: str) -> Value:
        return self._group.of(self._id)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._group.of(self._id))

    def __len__(self) -> int:
        return len(self._group.of(self._id))

    # What Mapping makes of the three above would look into the group once for each key, or again.
    def items(self) -> ItemsView[str, Value]:
        return self._group.of(self._id).items()

    def get(self, key: str, default: Any = None) -> Any:
        return self._group.of(self._id).get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._group.of(self._id)

    def __eq__(self, other: object) -> bool:
        # A record that was read twice is the same without a look at its properties.
        if isinstance(other, LazyProperties) and other._group is self._group:
            return other._id == self._id or self.items() == other.items()
        return Mapping.__eq__(self, other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(dict(self))


def read_ahead(records: Iterable[Artifact | Step]) -> None:
    """Reads at once what properties these have, which are all about to be looked at."""
    wanted: defaultdict[Any, dict[int, Group]] = defaultdict(dict)
    for each in records:
        if isinstance(each.properties, LazyProperties):
            group, id = each.properties.place
            if id not in group:
                wanted[group.read_some][id] = group
    for read_some, groups in wanted.items():
        ids = sorted(groups)
        for start in range(0, len(ids), BLOCK):
            part = ids[start : start + BLOCK]
            found = read_some(part)
            for id in part:
                groups[id].add(id, found.get(id, _EMPTY))
