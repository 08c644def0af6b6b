"""Reads what a format reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from components.example_gen.formats.files_of_rows import filled
from components.example_gen.formats.format import BadRow, Columns
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.registry import FORMATS


@pytest.fixture
def read() -> Callable[..., Any]:
    """From paths to rows, their places and what is bad, as workers read them."""

    def read_all(name, paths, *needed, images=(), size=1 << 20, known=()):
        columns = Columns(
            needed, needed[-1], of_files=tuple(images), known=frozenset([*needed, *known])
        )
        format_ = FORMATS[name](FormatOptions(), columns)
        rows: list[tuple[Any, ...]] = []
        places: list[tuple[str, int | None]] = []
        bad: list[BadRow] = []
        for source in format_.sources(map(str, paths)):
            for part in format_.ranges(source, size):
                for batch in format_.batches(part):
                    whole = filled(batch, columns) if images else batch
                    rows += zip(*(whole.cells[name] for name in needed), strict=True)
                    places += map(whole.place, range(len(whole.lines)))
                    bad += whole.bad
        return rows, places, {(row.path.rpartition("/")[2], row.line): row.reason for row in bad}

    return read_all
