"""How a CSV file is written, as far as its beginning tells. Pure."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter

_DELIMITERS = ",;\t|"
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LINES = 200
GUESS = "cp1252"
"""The encoding of what is none that can be told."""
_EXCEL = re.compile('"?sep=([!-~\t])"?', re.IGNORECASE)
"""A first line that says what stands between cells."""


def options_of(head: bytes) -> dict[str, str]:
    """What `data.csv` has to say of a file that begins with `head`; nothing where defaults do."""
    encoding = _encoding(head)
    lines = head.decode(encoding, "replace").lstrip("\ufeff").splitlines()[:_LINES]
    told = _EXCEL.fullmatch(lines[0].strip()) if lines else None
    # Lines without a cell tell nothing.
    lines = [line for line in lines[1 if told else 0 :] if line.strip(f" {_DELIMITERS}")]
    quote = _quote(lines[0]) if lines else '"'
    delimiter = told[1] if told else _delimiter(lines, quote)
    found = {"delimiter": delimiter} if delimiter != "," else {}
    found |= {"encoding": encoding} if encoding != "utf-8" else {}
    return found | ({"quote": quote} if quote != '"' else {})


def _quote(header: str) -> str:
    """What stands around names, at the beginning and at the end of the line."""
    is_single = len(header) > 1 and header[0] == header.rstrip(_DELIMITERS)[-1] == "'"
    return "'" if is_single else '"'


def _encoding(head: bytes) -> str:
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if head[1:2] == b"\0":
        return "utf-16-le"
    # The beginning may end within a character.
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
    except UnicodeDecodeError:
        return GUESS
    return "utf-8"


def _delimiter(lines: list[str], quote: str) -> str:
    """The one by which most lines have as many cells as the first, and more than one."""

    # The reader of Python 3.10 refuses zero bytes; what holds some is told when it is read.
    lines = [line.replace("\0", "") for line in lines]

    def lines_alike(delimiter: str) -> tuple[int, int]:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote) if row]
        width = len(rows[0]) if rows else 1
        return (Counter(map(len, rows))[width] if width > 1 else 0, width)

    return max(_DELIMITERS, key=lines_alike)
