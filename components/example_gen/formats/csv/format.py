"""Comma-separated values, and their relatives with other delimiters and encodings."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, ClassVar

from components.example_gen.formats import files
from components.example_gen.formats.csv import encoding as encodings
from components.example_gen.formats.csv.records import LONGEST, Record, Splitter
from components.example_gen.formats.foreign import BINARY
from components.example_gen.formats.format import (
    BadRow,
    Batch,
    Format,
    FormatError,
    Range,
    demand_columns,
)
from documents.cells.cell import name_of
from documents.cells.quotes import behind_a_quote, is_behind_a_quote
from documents.cells.separator_line import SEPARATOR_LINE
from documents.shown import shown

_HEAD = 1 << 16
_TITLES = 20
"""Lines above a header that are looked through."""
_OTHERS = {";": "';'", "\t": '"\\t"', "|": "'|'", ",": "','"}
BLANKS = (
    ": its cells seem to be told apart by blanks; put commas there: tr -s ' \\t' , < FILE >"
    " NEW.csv."
)
_SIGNS = re.compile(r"::+|\|\|+|~\|~|;;+|\^\^+|##+|@@+|\$\$+")
"""Of more than one character, between cells."""
_BARE = r's/^"//; s/"\(\r*\)$/\1/; s/""/"/g'
"""For sed: lines without the quotes around them, and with one quote for two."""
_NUMBER = re.compile(r"[+-]?(\d+[.,]\d+|\d{5,}|\d{1,3})", re.ASCII)
"""A name of four digits is a year."""
_NUMERAL = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)


class Csv(Format):
    """Rows are lines, but for line ends in quotes. Cells are str."""

    NAME: ClassVar[str] = "csv"
    SUFFIXES: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab", ".txt")

    def names(self, source: str) -> Sequence[str]:
        """See Format."""
        with files.opened(source) as stream:
            try:
                return self._header(source, stream)[1]
            except encodings.EncodingError as error:
                raise FormatError(f"{shown(source)} {error}.") from error

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format."""
        with files.opened(source) as stream:
            try:
                encoding, _, start, line = self._header(source, stream)
                at = start
                first = line
                for record in self._records(stream, start, files.size(source), encoding):
                    at += encodings.size_of(record.content, encoding)
                    line += record.lines
                    if at - start >= size:
                        yield Range(source, start, at, first)
                        start, first = at, line
            except encodings.EncodingError as error:
                raise FormatError(f"{shown(source)} {error}.") from error
        if at > start:
            yield Range(source, start, at, first)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format."""
        with files.opened(part.path) as stream:
            try:
                encoding, names, _, _ = self._header(part.path, stream)
                records = self._records(stream, part.start, part.stop, encoding)
                line = part.line
                while some := list(itertools.islice(records, self.rows_at_once)):
                    yield self._batch(part.path, names, some, line, encoding.of_lines)
                    line += sum(record.lines for record in some)
            except encodings.EncodingError as error:
                raise FormatError(f"{shown(part.path)} {error}.") from error

    def _records(
        self, stream: IO[bytes], start: int, stop: int, encoding: encodings.Encoding
    ) -> Iterator[Record]:
        options = self.options.csv
        quote = options.quote.encode() if options.quote else None
        splitter = Splitter(options.delimiter.encode(), quote, self._comment)
        return splitter.split(encodings.lines(stream, start, stop, encoding))

    def _header(
        self, path: str, stream: IO[bytes]
    ) -> tuple[encodings.Encoding, Sequence[str], int, int]:
        """Encoding, names, and where the first row lies: its place in bytes and its line."""
        stream.seek(0)
        head = stream.read(_HEAD)
        if not head:
            raise FormatError(f"{shown(path)} is empty; take it away, or put the table there.")
        encoding = encodings.encoding_of(head, self.options.csv.encoding)
        if b"\r" in head and b"\n" not in head:
            raise FormatError(
                f"{shown(path)} ends its lines as old Macs did, with \\r alone; convert it."
            )
        at, line, names, text = encoding.mark, 1, self.options.csv.columns, ""
        above = encodings.lines(stream, at, files.size(path), encoding)
        for passed in itertools.islice(above, self.options.csv.skip):
            at += encodings.size_of(passed, encoding)
            line += 1
        if names is None:
            for record in self._records(stream, at, files.size(path), encoding):
                at += encodings.size_of(record.content, encoding)
                line += record.lines
                text = record.content.decode(encoding.of_lines, "replace")
                if SEPARATOR_LINE.fullmatch(text.strip()) or self._is_comment(record):
                    continue
                names = self._parse(text) if record.is_closed else None
                if names != [] and not _is_blank(names):
                    break
            if not names or _is_blank(names):
                _demand_text(path, head, encoding)
                if hint := self._header_elsewhere(path, stream, encoding):
                    demand_columns([], self.columns, path, hint)
                told = {*text.replace(self.options.csv.quote or "", "").split()}
                blanks = BLANKS if told > {*self.columns.needed} else None
                raise FormatError(
                    f"{shown(path)} does not begin with the names of its columns"
                    f"{blanks or f'; write them there, or {self._names_elsewhere}.'}"
                )
            names = [*map(name_of, names)]
        hint = ""
        if not {*self.columns.needed} <= {*names}:
            _demand_text(path, head, encoding)
            # First, as a title above the header may hold any sign.
            hint = self._header_elsewhere(path, stream, encoding) or self._hint(names)
        demand_columns(names, self.columns, path, hint)
        return encoding, names, at, line

    def _hint(self, names: Sequence[str]) -> str:
        """What may be the matter with a header that is of one name, or of none."""
        for other, written in _OTHERS.items():
            if len(names) == 1 and other != self.options.csv.delimiter and other in names[0]:
                return f": its cells seem to be told apart by {written}; set data.csv.delimiter."
        if len(names) == 1 and self.options.csv.delimiter in names[0]:
            return (
                ": each line stands in quotes as a whole, as spreadsheets write what they took for"
                f" one column; take these away: sed '{_BARE}' FILE > NEW.csv."
            )
        missing = {*self.columns.needed} - {*names}
        if missing and (sign := _SIGNS.search(self.options.csv.delimiter.join(names))):
            return (
                f": its cells seem to be told apart by {sign[0]!r}, of more than one sign; put tabs"
                f" there: sed 's/{_escaped(sign[0])}/\\t/g' < FILE > NEW.tsv."
            )
        # A tab may stand before the last of cells that blanks tell apart.
        most = 2 if self.options.csv.delimiter == "\t" else 1
        pieces = names[0].split() if 0 < len(names) <= most else []
        numbers = sum(map(bool, map(_NUMERAL.fullmatch, pieces)))
        if missing & {*pieces} or (numbers > 1 and numbers >= len(pieces) - (len(pieces) > 4)):
            return BLANKS
        if missing & {name.strip("'") for name in names if name[:1] == "'"}:
            return ": its names stand between signs '; set data.csv.quote."
        if missing and any(map(_NUMBER.fullmatch, names)):
            return (
                "; its first line seems to be a row: write the names of the columns above it, or"
                f" {self._names_elsewhere}."
            )
        return ""

    def _header_elsewhere(self, path: str, stream: IO[bytes], encoding: encodings.Encoding) -> str:
        """What to say where the header stands below a title, as in exports of spreadsheets, or
        among the lines that are passed over, as in a file that was exported without one."""
        skipped, line = self.options.csv.skip, 1
        if self.options.csv.columns is not None or not self.columns.known:
            return ""  # the name of the label alone may be a cell, too
        records = self._records(stream, encoding.mark, files.size(path), encoding)
        for record in itertools.islice(records, skipped + _TITLES):
            found = self._parse(record.content.decode(encoding.of_lines, "replace")) or ()
            if {*self.columns.needed} <= {*map(name_of, found)}:
                above = "or take away the lines above the header"
                if line <= skipped:
                    first = f"line {skipped + 1}, the first that data.csv.skip does not pass over"
                    above = "or write the lines above the header that other files have"
                elif skipped:
                    first = f"line {skipped + 1}, below those that data.csv.skip passes over"
                else:
                    first = "its first line"
                return f" in {first}, but in line {line}; set data.csv.skip to {line - 1}, {above}."
            line += record.lines
        return ""

    def _blank_before_quote(self, row: Sequence[str], width: int) -> str:
        """The end of a sentence about too many cells, where quotes did not hold them together."""
        quote = self.options.csv.quote
        if quote is None or len(row) <= width:
            return ""
        if not any(cell[:1] == " " and cell.lstrip().startswith(quote) for cell in row):
            return ""
        sign = repr(self.options.csv.delimiter)
        return f"; take away the blanks between {sign} and {quote}, behind which no quote opens"

    @property
    def _names_elsewhere(self) -> str:
        """Where names may stand that do not stand in the file."""
        if self.columns.are_declared:
            return "into data.csv.columns"
        return "behind --columns, as length,width,x1..x20,kind"

    @property
    def _comment(self) -> bytes | None:
        comment = self.options.csv.comment
        return comment.encode() if comment else None

    def _is_comment(self, record: Record) -> bool:
        return self._comment is not None and record.content.startswith(self._comment)

    def _parse(self, text: str) -> list[str] | None:
        try:
            return next(csv.reader([text], **self._dialect()), [])
        except csv.Error:
            return None

    def _dialect(self) -> dict[str, Any]:
        options = self.options.csv
        csv.field_size_limit(LONGEST)
        if options.quote is None:
            return {"delimiter": options.delimiter, "quoting": csv.QUOTE_NONE, "strict": True}
        return {"delimiter": options.delimiter, "quotechar": options.quote, "strict": True}

    def _batch(
        self, path: str, names: Sequence[str], records: list[Record], line: int, encoding: str
    ) -> Batch:
        lines: list[int | None] = []
        rows: list[list[str]] = []
        # The parser gives one row for each text, or raises and takes the next one.
        at, texts, bad = self._texts(path, records, line, encoding)
        width = len(names)
        reader = csv.reader(texts, **self._dialect())
        for number, text in zip(at, texts, strict=True):
            try:
                row = next(reader)
            except csv.Error as error:
                bad.append(BadRow(path, number, _why(error, self.options.csv.quote or "", text)))
                continue
            if _is_blank(row):
                continue  # spreadsheets write `;;;` for an empty line
            if len(row) > width and not any(row[width:]):
                row = row[:width]  # each line ends in a delimiter
            if len(row) == width:
                rows.append(row)
                lines.append(number)
            elif row:
                cells = f"{len(row)} cell{'s' * (len(row) != 1)}"
                why = f"has {cells} instead of {width}{self._blank_before_quote(row, width)}"
                bad.append(BadRow(path, number, why))
        by_name = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
        return Batch(
            path, lines, {name: by_name.get(name, ()) for name in self.columns.needed}, tuple(bad)
        )

    def _texts(
        self, path: str, records: Iterable[Record], line: int, encoding: str
    ) -> tuple[list[int], list[str], list[BadRow]]:
        """Lines and texts of the records that are texts, of which the first is in `line`; and why
        others are none."""
        at: list[int] = []
        texts: list[str] = []
        bad: list[BadRow] = []
        for record in records:
            if self._is_comment(record):
                line += record.lines
                continue
            problem = None
            if not record.is_closed:
                problem = f"has a quote {self.options.csv.quote} that is never closed"
            elif b"\0" in record.content:
                problem = "holds the control character '\\x00'"
            else:
                try:
                    texts.append(record.content.decode(encoding))
                    at.append(line)
                except UnicodeDecodeError as error:
                    byte = record.content[error.start]
                    problem = (
                        f"is not {encoding} text (byte 0x{byte:02x}); set data.csv.encoding, e.g."
                        " to cp1252 or latin-1"
                    )
            if problem:
                bad.append(BadRow(path, line, problem))
            line += record.lines
        return at, texts, bad


def _demand_text(path: str, head: bytes, encoding: encodings.Encoding) -> None:
    """Raises FormatError for a file that cannot be one of text, of which nothing else is wrong."""
    if not encoding.is_wide and b"\0" in head:
        raise FormatError(f"{shown(path)} {BINARY}.")


def _escaped(sign: str) -> str:
    """For sed."""
    return re.sub(r"[$^.*/\\]", r"\\\g<0>", sign)


def _is_blank(row: Sequence[str] | None) -> bool:
    """Whether it has cells, more than one, with nothing in any."""
    return row is not None and len(row) > 1 and not any(row)


def _why(error: csv.Error, quote: str, text: str) -> str:
    if is_behind_a_quote(error):
        return behind_a_quote(quote, text)
    problem = str(error)
    if "new-line" in problem:
        return "holds a line end of old Macs, \\r, outside quotes"
    if "field limit" in problem:
        return f"has a cell of more than {LONGEST >> 20} MiB"
    return f"cannot be read ({problem})"
