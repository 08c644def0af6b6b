"""Where records of CSV begin and end."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.formats.csv import records
from components.example_gen.formats.csv.records import Record, Splitter


def split(text: str, quote: bytes | None = b'"', comment: bytes | None = None) -> list[Record]:
    return [*Splitter(b",", quote, comment).split(io.BytesIO(text.encode()))]


@given(st.lists(st.sampled_from(['"', '""', ",", "\n", "a", '"a,\n"', ',"'])).map("".join))
def test_records_are_those_of_pythons_reader_where_every_quote_is_closed(text: str):
    found = split(text)
    assert b"".join(record.content for record in found).decode() == text
    assert sum(record.lines for record in found) == len(io.BytesIO(text.encode()).readlines())
    if all(record.is_closed for record in found):
        rows = [*csv.reader(io.StringIO(text, newline=""))]
        alone = [next(csv.reader(io.StringIO(of.content.decode(), newline=""))) for of in found]
        assert alone == rows


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('"a\nb",c\nd\n', [2, 1]),
        ('a,"b\n\nc"\n', [3]),
        ('"a ""b\n"" c"\nd\n', [2, 1]),
        ('5" disk\nd\n', [1, 1]),
        ('a "b\nc" d\n', [1, 1]),
        ('"a"b"\nc\n', [1, 1]),
        ('"a","b\nc","d\ne"\n', [3]),
        ('"a', [1]),
        ("", []),
    ],
)
def test_a_quote_that_opens_where_a_cell_begins_holds_lines_together(text: str, lines: list[int]):
    assert [record.lines for record in split(text)] == lines


def test_a_quote_that_is_never_closed_takes_its_line_and_no_more():
    assert split('x,"a\nb\n') == [Record(b'x,"a\n', 1, False), Record(b"b\n", 1, True)]
    assert [record.is_closed for record in split('"a\n"b\n"c\n')] == [True, False]


def test_no_record_of_several_lines_is_longer_than_the_longest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records, "LONGEST", 8)
    assert split('"abc\nde\n"\n')[0] == Record(b'"abc\nde\n"\n', 3, True)
    assert split('"abc\ndef\n"\n')[0] == Record(b'"abc\n', 1, False)


def test_without_quotes_and_in_comments_each_line_is_a_record():
    assert [record.lines for record in split('"a\nb"\n', quote=None)] == [1, 1]
    assert [record.lines for record in split('#,"a\nb"\n', comment=b"#")] == [1, 1]
    assert [record.lines for record in split('a,"#\nb"\n', comment=b"#")] == [2]
