"""Opens a metadata store, whatever kind it is, for reading only."""

from __future__ import annotations

from pathlib import Path

from documents.store_address import PORTS, read_address
from inspection.history.history import History
from inspection.stores.error import StoreError

__all__ = ["StoreError", "open_history"]


def open_history(address: str | Path) -> History:
    """Reads a store; nothing is ever written to it, and no schema is migrated.

    Args:
      address: an sqlite file, the folder of runs (ROOT), or `sqlite:///FILE`;
        `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, `postgresql://…` likewise, `grpc://HOST:PORT`.

    Raises:
      StoreError: there is no store, or none that can be read.
    """
    text = _place(str(address))
    scheme, separator, _ = text.partition("://")
    if not separator:
        from inspection.stores.sqlite import open_sqlite

        return open_sqlite(Path(text))
    if scheme == "sqlite":
        from inspection.stores.sqlite import open_sqlite

        # sqlite:///relative and sqlite:////absolute, as database URLs are written.
        return open_sqlite(Path(text.partition("://")[2].partition("/")[2]))
    if scheme in PORTS:
        from inspection.stores.client import open_client

        return open_client(text)
    raise StoreError(
        f"{scheme}:// is no kind of store; name an sqlite file, or an address that starts with "
        f"{', '.join(f'{known}://' for known in PORTS)}."
    )


def _place(text: str) -> str:
    """Of a ROOT, or its file that is not there: the store that its runs were recorded in."""
    path = Path(text)
    if "://" in text or path.is_file():
        return text
    return read_address(path if path.is_dir() else path.parent) or text
