"""Reads an sqlite file: plain selects over whole tables, so that cost grows with the store."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from documents.workspace import Workspace
from inspection.history.history import History
from inspection.history.of_records import Place
from inspection.history.records import Artifact, ContextLine, Value
from inspection.stores import kubeflow, words
from inspection.stores.assembly import assemble
from inspection.stores.error import StoreError
from inspection.stores.lazy import Group, LazyProperties, LazyRows, Properties
from inspection.stores.sqlite_events import SqliteEvents
from inspection.stores.sqlite_rows import Parameters, SqliteRows
from inspection.stores.sqlite_search import SqliteSearch
from inspection.stores.stored import CONTEXT_TYPES, Context, Executions, Row

NEWEST_KNOWN_SCHEMA = 10
"""Of ML Metadata 1.16 and 1.21."""

_TIMES = ("create_time_since_epoch", "last_update_time_since_epoch")
# What cannot be done without; other columns are read where they are there.
_NEEDED = {
    "Type": {"id", "name", "type_kind"},
    "Artifact": {"id", "type_id", "uri"},
    "ArtifactProperty": {"artifact_id", "name", "string_value"},
    "Execution": {"id", "type_id"},
    "ExecutionProperty": {"execution_id", "name", "string_value"},
    "Event": {"id", "artifact_id", "execution_id", "type"},
    "EventPath": {"event_id", "is_index_step", "step_index", "step_key"},
    "Context": {"id", "type_id", "name"},
    "Association": {"context_id", "execution_id"},
}
# Old schemas have no parents, and only newer ones keep what belongs to a context.
_PARENTS = {
    "ParentContext": "context_id, parent_context_id",
    "ParentType": "type_id, parent_type_id",
}
_VALUES = ("string_value", "int_value", "double_value", "bool_value")
_OPTIONAL = ("ContextProperty", *_PARENTS)


def open_sqlite(path: Path) -> History:
    """Reads the file, which may be a copy, on a read-only disk, or being written by a run.

    Raises:
      StoreError: it is missing, is no ML Metadata store, or has a schema that cannot be read.
    """
    if path.is_dir():
        path = Workspace(path).metadata
    return _Reader(path).history()


class _Reader:
    def __init__(self, path: Path):
        self._path = path
        self._file = SqliteRows(path)
        self._columns = {
            table: {row[1] for row in self._rows(f"PRAGMA table_info(`{table}`)")}
            for table in (*_NEEDED, *_OPTIONAL)
        }
        self._check_schema()

    def history(self) -> History:
        # One transaction, so that no step lacks its run; short, since a run waits to write.
        raw = self._snapshot()
        types = dict(raw["Type"])
        groups = self._groups("Context", types) if self._columns["ContextProperty"] else {}
        contexts = [
            Context(
                id,
                types.get(type_id, ""),
                str(name),
                words.time(created),
                LazyProperties(groups[type_id], id) if type_id in groups else {},
            )
            for id, type_id, name, created, _ in raw["Context"]
            if types.get(type_id) in CONTEXT_TYPES
        ]
        ids, type_ids = raw["Artifact"]
        runs, steps = assemble(
            contexts,
            raw["Association"],
            self._executions(raw["Execution"], types),
            raw.get("ParentContext", ()),
        )
        self._bases = {
            type_id: types.get(parent, "").rpartition(".")[2]
            for type_id, parent in raw.get("ParentType", ())
        }
        artifacts = self._artifacts(ids, type_ids, types)
        names = {id: kubeflow.artifact_type(types.get(id, "")) for id in set(type_ids)}
        search = SqliteSearch(self._file, self._columns)
        events = SqliteEvents(self._file)
        # Whose properties are told by other names.
        kubeflows = kubeflow.NODE in types.values()
        return History(
            address=str(self._path),
            path=self._path,
            runs=runs,
            steps=steps,
            artifacts=artifacts,
            read_types=lambda: zip(ids, map(names.__getitem__, type_ids), strict=True),
            read_places=lambda: self._read_places(ids[-1] if ids else 0),
            read_links=events.links,
            read_events=events.all,
            find_events=events.of,
            read_contexts=lambda: self._read_contexts(types),
            read_holding=None if kubeflows else search.holding,
            read_naming=None if kubeflows else search.naming,
            read_some=artifacts.some,
            read_inputs=events.inputs,
        )

    def _snapshot(self) -> dict[str, Any]:
        selects = {
            "Type": "SELECT id, name FROM Type",
            "Context": self._select("Context", "id", "type_id", "name", *_TIMES),
            "Execution": self._select(
                "Execution", "id", "type_id", "last_known_state", "name", *_TIMES
            ),
        }
        for table, columns in _PARENTS.items():
            if self._columns[table]:
                selects[table] = f"SELECT {columns} FROM {table}"
        numbers = {
            table: (f"SELECT id, {columns} FROM {table} WHERE id > {{after}} ORDER BY id", 2)
            for table, columns in (
                ("Artifact", "id, type_id"),
                ("Association", "context_id, execution_id"),
            )
        }
        return self._file.at_one_moment(selects, numbers)

    def _select(self, table: str, *columns: str, where: str = "1") -> str:
        """Rows in the order of ids; null for columns that this schema does not have."""
        known = self._columns[table]
        named = ", ".join(column if column in known else "NULL" for column in columns)
        return f"SELECT {named} FROM {table} WHERE {where} ORDER BY id"

    def _executions(self, rows: Sequence[Row], types: Mapping[int, str]) -> Executions:
        groups = self._groups("Execution", types)

        def properties(type_id: int, id: int) -> Properties:
            return LazyProperties(groups[type_id], id) if type_id in groups else {}

        return Executions(rows, types, properties)

    def _artifacts(
        self, ids: array[int], type_ids: array[int], types: Mapping[int, str]
    ) -> LazyRows[Artifact]:
        groups = self._groups("Artifact", types)
        columns = ("id", "type_id", "uri", "state", "name", *_TIMES)
        from_to = self._select("Artifact", *columns, where="id BETWEEN ? AND ?")
        these = self._select("Artifact", *columns, where="id IN ({})")

        def make(row: tuple[Any, ...]) -> Artifact:
            id, type_id, uri, state, name, created, updated = row
            return Artifact(
                id,
                kubeflow.artifact_type(types.get(type_id, "")),
                name,
                uri or "",
                words.word(words.ARTIFACT_STATES, state),
                LazyProperties(groups[type_id], id) if type_id in groups else {},
                words.time(created),
                words.time(updated),
                self._bases.get(type_id),
            )

        return LazyRows(
            ids,
            lambda first, last: self._rows(from_to, (first, last)),
            lambda some: self._rows(these.format(", ".join(map(str, some)))),
            make,
        )

    def _groups(self, table: str, types: Mapping[int, str]) -> dict[int, Group]:
        def read_some(ids: Sequence[int]) -> Mapping[int, Properties]:
            return self._read_properties(table, f"r.id IN ({', '.join(map(str, ids))})")

        return {
            type_id: self._group(table, type_id, name, read_some) for type_id, name in types.items()
        }

    def _group(
        self,
        table: str,
        type_id: int,
        type: str,
        read_some: Callable[[Sequence[int]], Mapping[int, Properties]],
    ) -> Group:
        def read(first: int, last: int) -> Mapping[int, Properties]:
            # By ids: sqlite would rather look through all records of the type for each block.
            which = "+r.type_id = ? AND r.id BETWEEN ? AND ?"
            found = self._read_properties(table, which, type_id, first, last)
            return {id: told(each) for id, each in found.items()} if kubeflow.wrote(type) else found

        def told(stored: Properties) -> Properties:
            return kubeflow.properties(type, stored)

        return Group(read, read_some, told)

    def _read_properties(self, table: str, which: str, *values: int) -> Mapping[int, Properties]:
        known = self._columns[f"{table}Property"]
        # The types of its columns tell which one a value came from.
        plain = [f"p.{column}" for column in _VALUES if column in known]
        proto = "p.proto_value" if "proto_value" in known else "NULL"
        custom = "p.is_custom_property" if "is_custom_property" in known else "NULL"
        owner = f"{table.lower()}_id"
        found: dict[int, dict[str, Value]] = {}
        # Values such as configurations are the same in most runs; keep one copy of each.
        same: dict[str, Value] = {}
        names: dict[str, str] = {}
        last: int | None = None
        properties: dict[str, Value] = {}
        for id, name, value, packed in self._rows(
            f"SELECT p.{owner}, p.name, coalesce({', '.join(plain)}, NULL), {proto} FROM {table} r "
            f"CROSS JOIN {table}Property p ON p.{owner} = r.id WHERE {which} "
            # As the database keeps them: a declared property comes before a custom one of its name.
            f"ORDER BY r.id, p.name, {custom}",
            values,
        ):
            if id != last:
                last, properties = id, found.setdefault(id, {})
            if name in properties:
                continue
            if type(value) is str:
                each = same.get(value)
                if each is None:
                    each = same[value] = words.text(value)
            elif value is not None:
                each = value if type(value) in (int, float) else str(value)
            elif packed is not None:
                each = words.proto(packed if isinstance(packed, bytes) else str(packed))
            else:
                continue
            properties[names.setdefault(name, name)] = each
        return found

    def _read_contexts(self, types: Mapping[int, str]) -> Iterator[ContextLine]:
        created = f"c.{_TIMES[0]}" if _TIMES[0] in self._columns["Context"] else "NULL"
        for id, type_id, name, time, count in self._rows(
            f"SELECT c.id, c.type_id, c.name, {created}, count(a.execution_id) FROM Context c "
            "LEFT JOIN Association a ON a.context_id = c.id GROUP BY c.id ORDER BY c.id"
        ):
            yield ContextLine(id, types.get(type_id, ""), str(name), words.time(time), count)

    def _read_places(self, last: int) -> Iterator[Place]:
        # Newer ones have greater ids: the database gives none away again.
        select = self._select(
            "Artifact", "id", "uri", "state", where=f"id <= {last} AND id > {{after}}"
        )
        known = dict(enumerate(words.ARTIFACT_STATES))
        unknown = words.word(words.ARTIFACT_STATES, None)
        for page in self._file.pages(select):
            yield from [(id, uri or "", known.get(state, unknown)) for id, uri, state in page]

    def _rows(self, select: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        return self._file.all(select, parameters)

    def _check_schema(self) -> None:
        missing = [
            table if not self._columns[table] else f"{table}.{min(absent)}"
            for table, needed in _NEEDED.items()
            if (absent := needed - self._columns[table])
        ]
        if len(missing) == len(_NEEDED):
            raise StoreError(
                f"{self._path} is an SQLite file but holds no ML Metadata; name the metadata.db of "
                "a run with --store."
            )
        if missing:
            raise StoreError(
                f"{self._path} has ML Metadata schema version {self._schema_version()}, which "
                f"lacks {missing[0]}; known are the versions up to {NEWEST_KNOWN_SCHEMA}. Read "
                "it with the version of ml-metadata that wrote it."
            )

    def _schema_version(self) -> str:
        try:
            return str(self._rows("SELECT schema_version FROM MLMDEnv")[0][0])
        except (StoreError, IndexError):
            return "0"
