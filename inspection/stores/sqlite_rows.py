"""Rows of an sqlite file that a run may be writing: no read lasts longer than it must."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from inspection.stores.sqlite_file import connect, refusal

T = TypeVar("T")

AT_ONCE = 10_000
Row = tuple[Any, ...]
Parameters = Row | Mapping[str, Any]


class SqliteRows:
    """Selects, by several threads one after another. All of them raise StoreError."""

    def __init__(self, path: Path):
        """Opens the file, which may be missing or something else: then with a StoreError."""
        self._path = path
        self._connection = connect(path)
        self._lock = threading.Lock()

    def all(self, select: str, parameters: Parameters = ()) -> list[Row]:
        """All rows at once."""
        return self._asked(lambda: self._connection.execute(select, parameters).fetchall())

    def define(self, name: str, function: Callable[[str], bool]) -> None:
        """A function of a text that selects may call, in the place of any other of its name."""
        with self._lock:
            self._connection.create_function(name, 1, function, deterministic=True)

    def paged(self, select: str) -> Iterator[Row]:
        """The rows of all `pages` one by one."""
        return itertools.chain.from_iterable(self.pages(select))

    def pages(self, select: str) -> Iterator[Sequence[Row]]:
        """Rows by and by, a new select for each page: an open one would keep a run from writing.

        Args:
          select: ends with `ORDER BY` an id that comes first among the columns, after a condition
            that has `{after}` where that id has to be greater than the last one.
        """
        last = -1
        text = _page(select)
        while rows := self.all(text, (last,)):
            yield rows
            last = rows[-1][0]

    def numbers(self, select: str, columns: int) -> tuple[array[int], ...]:
        """Columns of very many whole numbers, in a few bytes each; what is null is 0.

        Args:
          select: as for `paged`; the id is no column of the answer.
          columns: how many come after it.
        """
        import numpy as np  # takes as long as it saves on a million numbers

        def read(values: str) -> bytes:
            return np.fromstring(values, np.int64, sep=",").tobytes()

        return self._asked(lambda: self._numbers(select, columns, read))

    def at_one_moment(
        self, selects: Mapping[str, str], numbers: Mapping[str, tuple[str, int]]
    ) -> dict[str, Any]:
        """The answers to several selects in one transaction, by their names."""

        def ask() -> dict[str, Any]:
            self._connection.execute("BEGIN")
            found: dict[str, Any] = {
                name: self._connection.execute(select).fetchall()
                for name, select in selects.items()
            }
            found |= {name: self._numbers(*asked, _read) for name, asked in numbers.items()}
            self._connection.execute("COMMIT")
            return found

        return self._asked(ask)

    def _numbers(
        self, select: str, columns: int, read: Callable[[str], bytes]
    ) -> tuple[array[int], ...]:
        # A column of a page is one text: a row for each number takes Python three times as long.
        names = [f"c{column}" for column in range(columns)]
        joined = ", ".join(f"group_concat(ifnull({name}, 0))" for name in names)
        text = (
            f"WITH page(id, {', '.join(names)}) AS ({_page(select)}) "
            f"SELECT max(id), {joined} FROM page"
        )
        found = tuple(array("q") for _ in names)
        last = -1
        while True:
            [(last, *page)] = self._connection.execute(text, (last,)).fetchall()
            if last is None:
                return found
            for column, values in zip(found, page, strict=True):
                column.frombytes(read(values))

    def _asked(self, ask: Callable[[], T]) -> T:
        with self._lock:
            try:
                return ask()
            except sqlite3.Error as error:
                raise refusal(self._path, error) from error


def _read(values: str) -> bytes:
    import orjson

    found = array("q")
    found.fromlist(orjson.loads(f"[{values}]"))
    return found.tobytes()


def _page(select: str) -> str:
    return select.replace("{after}", "?") + f" LIMIT {AT_ONCE}"
