"""Which records of an sqlite file may hold a text: one select, where Python would read them all."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping

from inspection.history.events import Side
from inspection.stores import words
from inspection.stores.sqlite_rows import SqliteRows


class SqliteSearch:
    """Ids of what may hold a text, and perhaps of others."""

    def __init__(self, file: SqliteRows, columns: Mapping[str, Collection[str]]) -> None:
        """Takes the file, and which columns its tables have."""
        self._file = file
        self._columns = columns

    def holding(self, text: str, whole: bool) -> dict[Side, set[int]]:
        """Ids of all records with a text or property that may hold `text`, or be it, in any case.

        What is stored in another form than it is told is taken for holding anything.
        """
        pattern = _escaped(text)
        pattern = pattern if whole else f"%{pattern}%"
        uri = "rtrim(uri, '/')" if whole else "uri"
        found: dict[Side, set[int]] = {}
        sides: tuple[tuple[Side, str, tuple[str, ...]], ...] = (
            ("step", "Execution", ()),
            ("artifact", "Artifact", ("uri", "name")),
        )
        for side, table, own in sides:
            known = self._columns[f"{table}Property"]
            looked_at = ("string_value",) if whole else ("name", "string_value", "int_value")
            columns = [name for name in looked_at if name in known]
            others = (name for name in ("double_value", "proto_value") if name in known)
            holds = " OR ".join(
                (
                    *(f"{name} LIKE :pattern ESCAPE '\\'" for name in columns),
                    f"string_value LIKE '{words.STRUCT}%'",
                    *(f"{name} NOT NULL" for name in others),
                )
            )
            selects = [f"SELECT {table.lower()}_id FROM {table}Property WHERE {holds}"]
            selects += [
                f"SELECT id FROM {table} WHERE {uri if name == 'uri' else name} LIKE :pattern "
                "ESCAPE '\\'"
                for name in own
                if name in self._columns[table]
            ]
            ids = self._file.all(" UNION ".join(selects), {"pattern": pattern})
            found[side] = {id for (id,) in ids}
        return found

    def naming(self, text: str) -> dict[Side, set[int]]:
        """Ids of all records with a property whose name, or one inside its JSON, may hold `text`.

        What is written out inside a configuration is taken for holding any.
        """
        self._file.define("names", _names(text))
        pattern = f"%{_escaped(text)}%"
        found: dict[Side, set[int]] = {}
        sides: tuple[tuple[Side, str], ...] = (("step", "Execution"), ("artifact", "Artifact"))
        for side, table in sides:
            ids = self._file.all(
                f"SELECT DISTINCT {table.lower()}_id FROM {table}Property "
                "WHERE name LIKE :pattern ESCAPE '\\' OR (substr(string_value, 1, 1) IN ('{', '[') "
                "AND (string_value LIKE :pattern ESCAPE '\\' OR instr(string_value, '\\u')) "
                f"OR string_value LIKE '{words.STRUCT}%') AND names(string_value)",
                {"pattern": pattern},
            )
            found[side] = {id for (id,) in ids}
        return found


def _names(text: str) -> Callable[[str], bool]:
    """Tells whether a name inside a configuration may hold `text`.

    Most records have the same few configurations: each is looked at once.
    """
    part = text.lower()
    name = re.compile(f'{re.escape(part)}[^"]*"\\s*:')

    @functools.lru_cache(maxsize=512)
    def names(stored: str) -> bool:
        told = str(words.text(stored)).lower()
        if "\\" in told:  # a name may be written in more than one way
            return part in told or "\\u" in told
        return name.search(told) is not None

    return names


def _escaped(text: str) -> str:
    """For LIKE, so that every character stands for itself."""
    return "".join(f"\\{c}" if c in "%_\\" else c for c in text)
