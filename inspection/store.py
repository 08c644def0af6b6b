"""Opens a metadata store, whatever kind it is, for reading only."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from inspection.history import History
from inspection.stores.error import StoreError

__all__ = ["StoreError", "open_history"]


def open_history(address: str | Path) -> History:
    """Reads a store; nothing is ever written to it, and no schema is migrated.

    Args:
      address: an sqlite file, a folder with a `metadata.db`, or `sqlite:///FILE`.

    Raises:
      StoreError: there is no store, or none that can be read.
    """
    text = str(address)
    scheme, separator, _ = text.partition("://")
    if not separator:
        from inspection.stores.sqlite import open_sqlite

        return open_sqlite(Path(text))
    if scheme == "sqlite":
        from inspection.stores.sqlite import open_sqlite

        # sqlite:///relative and sqlite:////absolute, as database URLs are written.
        return open_sqlite(Path(urlsplit(text).path.removeprefix("/")))
    raise StoreError(
        f"{scheme}:// is no kind of store that is read here; name an sqlite file, or a copy in one."
    )
