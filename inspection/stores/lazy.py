"""Records and properties that come into being when somebody asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from inspection.records import Value

Properties = Mapping[str, Value]
Row = tuple[Any, ...]
Record = TypeVar("Record")
_EMPTY: Properties = {}
FEW = 50
"""How many records of a type are read one by one."""


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
    """Records by id that are made from rows of the store when somebody looks at them."""

    def __init__(self, rows: Iterable[Row], make: Callable[[Row], Record]):
        """Takes rows in the order of their ids, which come first, and what to make of one."""
        self._rows = {row[0]: row for row in rows}
        self._make = make
        self._made: dict[int, Record] = {}

    def __getitem__(self, id: int) -> Record:
        found = self._made.get(id)
        if found is None:
            # Two threads may make the same one twice; the first stays, so that there is only one.
            found = self._made.setdefault(id, self._make(self._rows[id]))
        return found

    def __contains__(self, id: object) -> bool:
        return id in self._rows

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


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

    def __repr__(self) -> str:
        return repr(dict(self))
