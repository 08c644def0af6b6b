"""Folders of texts, a file each, which no format reads: what makes a table of them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable

from components.example_gen.formats import files
from components.example_gen.formats.foreign import foreign

_SUFFIX = ".txt"
_OTHERS = frozenset({"", ".eml", ".md", ".html", ".htm"})
"""Endings of files that may be texts, as news and mails have none."""
_HEAD = 1_024
_FEWEST = 3
_LOOKED_AT = 1_000
"""Files, of whatever kind."""


def of_texts(paths: Iterable[str]) -> str:
    """The end of a sentence about folders that hold texts, a file each; "" of all others."""
    for root in filter(files.is_folder, paths):
        found = [entry.path for entry in itertools.islice(files.walk(root), _LOOKED_AT)]
        texts = [path for path in found if path.lower().endswith(_SUFFIX)]
        texts = texts or [path for path in found if _ending(path) in _OTHERS]
        if not all(path.endswith(_SUFFIX) or _is_text(path) for path in texts[:_FEWEST]):
            continue
        inside = {os.path.dirname(path) for path in texts} - {root.rstrip("/")}
        if 2 * len(texts) > len(found) and len(texts) >= _FEWEST and len(inside) > 1:
            return (
                "; it seems to hold texts, a file each: make one CSV file of them, as docs/data.md"
                " (A folder of texts) shows, and take that with --table"
            )
    return ""


def _ending(path: str) -> str:
    """Of a file; of a number none, as mails are called `00001.7c53`."""
    name, ending = os.path.splitext(os.path.basename(path).lower())
    return "" if name.isdigit() else ending


def _is_text(path: str) -> bool:
    try:
        with files.opened(path) as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return bool(head) and b"\0" not in head and b" " in head and not _is_known(head)


def _is_known(head: bytes) -> bool:
    """Whether files that begin so are told by what they are, and no page of HTML."""
    told = foreign(head)
    return told is not None and "HTML" not in told
