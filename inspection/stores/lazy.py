"""Properties that are read when somebody asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from inspection.records import Value

Properties = Mapping[str, Value]
_EMPTY: Properties = {}


class Group:
    """The properties of all records of one type, read together with the first question.

    Most questions look at a few types only, and one query for a thousand records takes hardly
    longer than one for a single record.
    """

    def __init__(self, read: Callable[[], Mapping[int, Properties]]):
        """`read` gives the properties by the record's id; called at most once."""
        self._read = read
        self._found: Mapping[int, Properties] | None = None
        self._lock = threading.Lock()

    def of(self, id: int) -> Properties:
        if self._found is None:
            with self._lock:
                if self._found is None:
                    self._found = self._read()
        return self._found.get(id, _EMPTY)


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

    def __repr__(self) -> str:
        return repr(dict(self))
