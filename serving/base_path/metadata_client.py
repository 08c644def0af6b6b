r"""ML Metadata's client, for every kind of store, and what it cannot write to one of them.

On PostgreSQL the library takes the quotes off what libpq's PQescapeLiteral returns and puts others
around it. A text with a backslash comes back as ` E'…'`, and what is left of that is no SQL
(postgresql_metadata_source.cc, EscapeString; 1.16 and 1.17). JSON within JSON holds backslashes, so
hardly a run could be recorded. There a backslash is kept as U+F05C, the character of the private
use area that Cygwin has for it in names of files, and is a backslash again when it is read.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, MutableMapping, MutableSequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ml_metadata.metadata_store.metadata_store import MetadataStore

_FATAL = "3"
_BACKSLASH = "\\"
KEPT_AS = "\uf05c"


def silence() -> None:
    """Keeps ML Metadata from logging each connection to the terminal, and each error besides
    raising it; before it is imported first."""
    os.environ.setdefault("GLOG_minloglevel", _FATAL)


def open_store(config: Any, *, enable_upgrade_migration: bool = False) -> MetadataStore:
    """A connection by a configuration of `metadata_connection`, or any other of ML Metadata's.

    Raises:
      RuntimeError: nobody answers, or the store is of another version.
    """
    from ml_metadata.metadata_store.metadata_store import MetadataStore
    from ml_metadata.proto import metadata_store_pb2

    own = isinstance(config, metadata_store_pb2.ConnectionConfig) and config.HasField("postgresql")
    made = _postgresql_store() if own else MetadataStore
    return made(config, enable_upgrade_migration=enable_upgrade_migration)


@functools.cache
def _postgresql_store() -> type[MetadataStore]:
    from ml_metadata.metadata_store.metadata_store import MetadataStore

    class PostgresqlStore(MetadataStore):
        """Writes and asks for texts without backslashes, and reads them with backslashes."""

        def _call_method(self, method_name: str, request: Any, response: Any) -> None:
            if _BACKSLASH.encode() in request.SerializeToString():
                asked = type(request)()
                asked.CopyFrom(request)
                _rewrite(asked, lambda text: text.replace(_BACKSLASH, KEPT_AS))
                request = asked
            super()._call_method(method_name, request, response)
            if KEPT_AS.encode() in response.SerializeToString():
                _rewrite(response, lambda text: text.replace(KEPT_AS, _BACKSLASH))

    return PostgresqlStore


def _rewrite(message: Any, change: Callable[[str], str]) -> None:
    """Changes every text in a protobuf message, but for names of properties."""
    for field, value in message.ListFields():
        if isinstance(value, str):
            setattr(message, field.name, change(value))
        elif isinstance(value, MutableSequence):
            _rewrite_items(value, range(len(value)), change)
        elif isinstance(value, MutableMapping):
            _rewrite_items(value, list(value), change)
        elif hasattr(value, "ListFields"):
            _rewrite(value, change)


def _rewrite_items(held: Any, places: Any, change: Callable[[str], str]) -> None:
    for place in places:
        item = held[place]
        if isinstance(item, str):
            held[place] = change(item)
        elif hasattr(item, "ListFields"):
            _rewrite(item, change)
