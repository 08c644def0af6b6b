"""Answers questions about any ML Metadata store; reads, never writes.

    import inspection

    store = inspection.open_store("workspace")
    store.runs().to_pandas()

docs/inspection_python.md shows each question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspection.api import Store, open_store

__all__ = ["Store", "open_store"]


def __getattr__(name: str) -> Any:
    # The command line is a part of this package, and starts without it.
    if name in __all__:
        from inspection import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
