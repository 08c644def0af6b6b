"""How a CSV file is written, as far as its beginning tells. Pure."""

from __future__ import annotations

import codecs
import contextlib
import csv
import re
from collections import Counter
from typing import Any

from documents.cells.cell import name_of

_DELIMITERS = ",;\t|"
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LINES = 200
_TITLES = 50
"""Lines above a header that are looked through."""
_SHORT = 1 << 20
"""Characters of a beginning that is the whole file."""
_COMMENT = "#"
_BACKSLASH = "\\"
"""Before a quote within quotes, as MySQL and Spark write one."""
GUESS = "cp1252"
"""The encoding of what is none that can be told."""
_ENCODINGS = (
    *(GUESS, "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "koi8_r", "cp1250"),
    *("cp1253", "cp1254", "cp1255", "cp1256", "cp874", "cp1258", "cp850", "mac_roman"),
)
"""Tried where the name of the label tells which is right."""
_EXCEL = re.compile('"?sep=([!-~\t])"?', re.IGNORECASE)
"""A first line that says what stands between cells."""


def options_of(head: bytes, label: str | None = None) -> dict[str, Any]:
    """What `data.csv` has to say of a file that begins with `head`; nothing where defaults do.

    Args:
      label: a name that the header has; lines above it are titles, or comments.
    """
    encoding = _encoding(head, label)
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    above = _above(text, label)
    comment = _comment(text, above)
    lines = [line for line in text.splitlines() if not (comment and line.startswith(comment))]
    lines = lines[0 if comment else above :][:_LINES]
    told = _EXCEL.fullmatch(lines[0].strip()) if lines else None
    # Lines without a cell tell nothing.
    lines = [line for line in lines[1 if told else 0 :] if line.strip(f" {_DELIMITERS}")]
    quote = _quote(lines[0]) if lines else '"'
    delimiter = told[1] if told else _delimiter(lines, quote)
    found: dict[str, Any] = {"delimiter": delimiter} if delimiter != "," else {}
    found |= {"encoding": encoding} if encoding != "utf-8" else {}
    if quote == '"' and _is_no_quote(text, delimiter, quote):
        found |= {"quote": None}
    found |= {"quote": quote} if quote != '"' else {}
    if comment:
        return {**found, "comment": comment}
    return {**found, "skip": above} if above else found


def blanks_tell_apart(head: bytes, width: int) -> bool:
    """Whether lines have `width` cells, told apart by blanks and tabs of whatever number."""
    lines = head.decode("utf-8", "replace").splitlines()[:_LINES]
    cells = [line.replace("\t", " ").strip() for line in lines if line.strip()]
    rows = [*csv.reader(cells, delimiter=" ", skipinitialspace=True)]
    return bool(rows) and all(len(row) == width for row in rows[:-1] or rows)


def _above(text: str, label: str | None) -> int:
    """Lines above the first row that has the label and another cell; 0 where none has."""
    if label is None:
        return 0
    lines = text.replace("\0", "").splitlines(keepends=True)[: 10 * _TITLES]
    found = [place for place in (_header(lines, label, of) for of in _DELIMITERS) if place]
    return min(found, default=1) - 1


def _header(lines: list[str], label: str, delimiter: str) -> int | None:
    """The line, from 1, in which the row begins that has the label as one of several cells."""
    if _is_row(_first_row(lines, delimiter, '"'), label):
        return 1  # also where its names go over several lines
    for number, line in enumerate(lines[: _TITLES + 1], start=1):
        if _EXCEL.fullmatch(line.strip()):
            continue
        # A title may hold a quote that never closes, so each line is tried as the header.
        quote = _quote(line.strip())
        row = _first_row(lines[number - 1 :], delimiter, quote)
        if _is_row(row, label):
            if _comes_again(label, row, lines[number:], delimiter, quote):
                return None
            titles = [of for of in lines[: number - 1] if not _EXCEL.fullmatch(of.strip())]
            return number if any(of.strip(f" \r\n{_DELIMITERS}") for of in titles) else 1
    return None


def _comes_again(label: str, row: list[str], below: list[str], delimiter: str, quote: str) -> bool:
    """Whether a cell of a row is one of many like it, and so no name of a column; a whole header
    may stand in a file again."""
    place = [*map(name_of, row)].index(label)
    with contextlib.suppress(csv.Error):
        for other in csv.reader(below, delimiter=delimiter, quotechar=quote):
            if len(other) == len(row) and other != row and name_of(other[place]) == label:
                return True
    return False


def _first_row(lines: list[str], delimiter: str, quote: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=delimiter, quotechar=quote), [])
    except csv.Error:
        return []


def _is_row(cells: list[str], label: str) -> bool:
    return label in [*map(name_of, cells)] and len([*filter(None, cells)]) > 1


def _comment(text: str, above: int) -> str | None:
    """The sign of comments: all lines above the header begin so; or, where there are none, some
    below that have another number of cells than it."""
    lines = [line for line in text.splitlines()[:_LINES] if line.strip()]
    if above:
        at = text.split("\n")
        titles = [line for line in at[:above] if line.strip()]
        if at[above].startswith(_COMMENT):
            return None  # as in ## of a file, above # of its header
        return _COMMENT if all(line.startswith(_COMMENT) for line in titles) else None
    if not lines or lines[0].startswith(_COMMENT):
        return None
    marked = [line for line in lines if line.startswith(_COMMENT)]
    sign = max(_DELIMITERS, key=lines[0].count)
    others = all(line.count(sign) != lines[0].count(sign) for line in marked)
    return _COMMENT if marked and others else None


def _quote(header: str) -> str:
    """What stands around names, at the beginning and at the end of the line."""
    is_single = len(header) > 1 and header[0] == header.rstrip(_DELIMITERS)[-1:] == "'"
    return "'" if is_single else '"'


def _is_no_quote(text: str, delimiter: str, quote: str) -> bool:
    """Whether quotes are signs like any other: every line has as many cells as the first if they
    are, and some cannot be read if they hold cells together."""
    lines = [line for line in text.split("\n")[:-1] if line.strip()]
    if not any(line.startswith(quote) or delimiter + quote in line for line in lines):
        return False
    if _BACKSLASH + quote in text and _are_quoted(lines[0], delimiter, quote):
        return False  # told with what takes its place
    width = lines[0].count(delimiter)
    if not width or any(line.count(delimiter) != width for line in lines):
        return False
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
    try:
        return not all(len(row) == width + 1 for row in reader)
    except csv.Error as error:
        return "unexpected end" not in str(error) or len(text) < _SHORT


def _are_quoted(header: str, delimiter: str, quote: str) -> bool:
    """Whether every name stands in quotes."""
    names = [name.strip() for name in header.split(delimiter)]
    return all(len(of) > 1 and of[0] == of[-1] == quote for of in names)


def _encoding(head: bytes, label: str | None) -> str:
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
        return _encoding_of(head, label) or GUESS
    return "utf-8"


def _encoding_of(head: bytes, label: str | None) -> str | None:
    """The encoding in which the label stands in the file; None where several may be meant."""
    if label is None or label.isascii():
        return None
    for name in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(name)()
        with contextlib.suppress(UnicodeError):
            # The label may have signs that the encoding does not know.
            if label in decoder.decode(head):
                return name
    return None


def _delimiter(lines: list[str], quote: str) -> str:
    """The one by which most lines have as many cells as the first, and more than one."""

    # The reader of Python 3.10 refuses zero bytes; what holds some is told when it is read.
    lines = [line.replace("\0", "") for line in lines]

    def lines_alike(delimiter: str) -> tuple[int, int]:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote) if row]
        width = len(rows[0]) if rows else 1
        return (Counter(map(len, rows))[width] if width > 1 else 0, width)

    return max(_DELIMITERS, key=lines_alike)
