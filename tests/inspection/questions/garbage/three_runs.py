"""A store of three runs."""

from __future__ import annotations

from pathlib import Path

from tests.inspection.store_writer import StoreWriter, stock_run


def three_runs(store: StoreWriter, base: Path, pipeline: str = "taxi") -> list[dict[str, int]]:
    """Two that pushed, the second one rolled back to nothing by hand, and two that were refused."""
    return [
        stock_run(store, pipeline, f"{pipeline}-1", base=base, version="1700000001"),
        stock_run(store, pipeline, f"{pipeline}-2", base=base, version="1700000002", blessed=False),
        stock_run(store, pipeline, f"{pipeline}-3", base=base, version="1700000003", blessed=False),
    ]
