"""Files that are not the document that they should be."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "a text": b'"x"',
    "a number": b"1",
    "null": b"null",
    "a list": b"[]",
    "not JSON": b"{",
    "NUL": b"\0",
    "nested deeply": b'{"a":' * 100_000,
    "a list nested deeply": b"[" * 100_000,
    "lists nested in a key": b'{"reason": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "UTF-16": '{"format": 1}'.encode("utf-16"),
    "UTF-8 with a mark": b"\xef\xbb\xbf{}",
    "Latin-1": '{"reason": "é"}'.encode("latin-1"),
    "a lone surrogate": b'{"reason": "\\ud800"}',
    "a lone surrogate in a key": b'{"\\udfff": 1}',
    "a key twice": b'{"reason": "a", "reason": "b"}',
    "a key twice inside": b'{"more": [{"a": 1, "a": 2}]}',
    "a format from the future": b'{"format": 2}',
    "an endless format": b'{"format": 1e999}',
    "a format that is none": b'{"format": "1"}',
    "an integer of 5,000 digits": b'{"format": ' + b"9" * 5_000 + b"}",
    "binary": bytes(range(256)),
}
"""Bytes that are no document of any kind, by what is wrong."""


def mangle(document: bytes) -> st.SearchStrategy[bytes]:
    """Other bytes: any, any JSON, and the document with one value or byte replaced."""
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
    found = json.loads(document)

    @st.composite
    def replaced(draw: st.DrawFn) -> bytes:
        copy = json.loads(document)
        place, key = draw(st.sampled_from(list(_places(copy))))
        place[key] = draw(values)
        return json.dumps(copy).encode()

    cut = st.integers(0, len(document) - 1).map(lambda end: document[:end])
    flipped = st.tuples(st.integers(0, len(document) - 1), st.binary(max_size=3)).map(
        lambda pair: document[: pair[0]] + pair[1] + document[pair[0] + 1 :]
    )
    own = replaced() if found else st.nothing()
    return st.binary() | values.map(json.dumps).map(str.encode) | own | cut | flipped


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


KINDS: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to(path.with_name("gone")),
    "a link to a folder": lambda path: path.symlink_to(path.parent),
    "a huge file": _huge,
}
"""Makes at a path what is no document, by what it is."""
