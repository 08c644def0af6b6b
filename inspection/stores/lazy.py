"""Records and properties that come into being when somebody asks for them."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from inspection.records import Value

Properties = Mapping[str, Value]
Row = tuple[Any, ...]
Record = TypeVar("Record")
_EMPTY: Properties = {}
FEW = 50
"""How many records of a type are read one by one."""
BLOCK, MOST_BLOCKS = 256, 128
"""How many rows are read at once, and how many such blocks are kept."""


class Group:
    """The properties of all records of one type.

    The first few are read one by one. Whoever asks for more is likely to ask for all, and one query
    for a thousand records takes hardly longer than ten for one each.
    """

    def __init__(
        self,
        read: Callable[[], Mapping[int, Properties]],
        read_one: Callable[[int], Properties],
    ):
        """Takes what to ask.

        Args:
          read: the properties of all records, by id; called at most once.
          read_one: those of one record.
        """
        self._read = read
        self._read_one = read_one
        self._found: dict[int, Properties] = {}
        self._complete = False
        self._lock = threading.Lock()

    def of(self, id: int) -> Properties:
        found = self._found.get(id)
        if found is None and not self._complete:
            with self._lock:
                if len(self._found) < FEW:
                    self._found[id] = self._read_one(id)
                elif not self._complete:
                    self._found = dict(self._read())
                    self._complete = True
            found = self._found.get(id)
        return _EMPTY if found is None else found


class LazyRows(Mapping[int, Record]):
    """Records by id, of which only the ids are kept: rows are read in blocks when somebody looks
    at them, and those that were looked at last stay at hand."""

    def __init__(
        self,
        ids: Sequence[int],
        read: Callable[[int, int], Iterable[Row]],
        make: Callable[[Row], Record],
    ):
        """Takes what there is.

        Args:
          ids: all of them, in order.
          read: the rows from one id to another, both among them; ids come first.
          make: a record of a row.
        """
        self._ids = ids
        self._read = read
        self._make = make
        self._blocks: dict[int, dict[int, Row | Record]] = {}
        self._lock = threading.Lock()

    def __getitem__(self, id: int) -> Record:
        position = self._position(id)
        if position is None:
            raise KeyError(id)
        block = self._block(position // BLOCK)
        found = block[id]
        if type(found) is tuple:
            found = block[id] = self._make(found)
        return found  # type: ignore[return-value]

    def __contains__(self, id: object) -> bool:
        return isinstance(id, int) and self._position(id) is not None

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def _position(self, id: int) -> int | None:
        position = bisect.bisect_left(self._ids, id)
        return position if position < len(self._ids) and self._ids[position] == id else None

    def _block(self, number: int) -> dict[int, Row | Record]:
        with self._lock:
            found = self._blocks.pop(number, None)
            if found is None:
                start = number * BLOCK
                ids = self._ids[start : start + BLOCK]
                found = {row[0]: row for row in self._read(ids[0], ids[-1])}
                if len(self._blocks) >= MOST_BLOCKS:
                    del self._blocks[next(iter(self._blocks))]
            self._blocks[number] = found  # the last one is the one that was used last
            return found


class LazyProperties(Mapping[str, Value]):
    """The properties of one record."""

    __slots__ = ("_group", "_id")

    def __init__(self, group: Group, id: int):
        self._group = group
        self._id = id

    def __getitem__(self, key: str) -> Value:
        return self._group.of(self._id)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._group.of(self._id))

    def __len__(self) -> int:
        return len(self._group.of(self._id))

    # What Mapping makes of the three above would look into the group once for each key.
    def items(self) -> ItemsView[str, Value]:
        return self._group.of(self._id).items()

    def __eq__(self, other: object) -> bool:
        # A record that was read twice is the same without a look at its properties.
        if isinstance(other, LazyProperties) and other._group is self._group:
            return other._id == self._id or self.items() == other.items()
        return Mapping.__eq__(self, other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(dict(self))
