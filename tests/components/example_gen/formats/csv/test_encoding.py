"""Lines of text files of any encoding."""

from __future__ import annotations

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.formats.csv import encoding as encodings
from components.example_gen.formats.csv.encoding import (
    Encoding,
    EncodingError,
    encoding_of,
    lines,
    size_of,
)


@pytest.mark.parametrize(
    ("head", "declared", "found"),
    [
        (b"a,b", "utf-8", Encoding("utf-8", 0)),
        (codecs.BOM_UTF8 + b"a", "utf8", Encoding("utf-8", 3)),
        (codecs.BOM_UTF8 + b"a", "utf-8-sig", Encoding("utf-8", 3)),
        (b"a,b", "utf-8-sig", Encoding("utf-8", 0)),
        (b"a,b", "latin-1", Encoding("iso8859-1", 0)),
        ("Grün, Ãœ".encode("cp1252"), "cp1252", Encoding("cp1252", 0)),
        ("ü".encode(), "gbk", Encoding("gbk", 0)),
        ("ﾃｩ".encode("shift_jis"), "shift_jis", Encoding("shift_jis", 0)),
        ("ü".encode(), "utf-8", Encoding("utf-8", 0)),
        (codecs.BOM_UTF16_BE + b"\0a", "utf-16", Encoding("utf-16-be", 2)),
        (codecs.BOM_UTF16_LE + b"a\0", "utf-16-le", Encoding("utf-16-le", 2)),
        (codecs.BOM_UTF32_LE + b"a\0\0\0", "utf-32", Encoding("utf-32-le", 4)),
        (b"a\0b\0", "utf-16", Encoding("utf-16-le", 0)),
        (b"a\0\0\0", "utf-32", Encoding("utf-32-le", 0)),
        (b"\0a", "utf-16-be", Encoding("utf-16-be", 0)),
        (b"", "utf-8", Encoding("utf-8", 0)),
    ],
)
def test_a_mark_tells_more_than_what_was_declared(head: bytes, declared: str, found: Encoding):
    assert encoding_of(head, declared) == found
    wide = found.name.startswith(("utf-16", "utf-32"))
    assert (found.is_wide, found.of_lines) == (wide, "utf-8" if wide else found.name)


@pytest.mark.parametrize(
    ("head", "declared", "said"),
    [
        (codecs.BOM_UTF16_LE + b"a\0", "utf-8", "begins as utf-16 does; set data.csv.encoding to"),
        (codecs.BOM_UTF8 + b"a", "latin-1", "begins as utf-8 does"),
        (codecs.BOM_UTF32_BE, "utf-16", "begins as utf-32 does"),
        (codecs.BOM_UTF16_BE, "utf-16-le", "begins as utf-16 does"),
        (b"a\0b\0", "utf-8", "looks like utf-16 text; set data.csv.encoding to utf-16-le"),
        ("Größe".encode(), "cp1252", "looks like utf-8 text; set data.csv.encoding to utf-8"),
        ("Größ".encode()[:-1], "koi8-r", "looks like utf-8 text"),
        (b"PK\x03\x04", "utf-8", "xlsx|zip|Zip|ZIP"),
    ],
)
def test_another_encoding_than_the_declared_one_is_told(head: bytes, declared: str, said: str):
    with pytest.raises(EncodingError, match=said):
        encoding_of(head, declared)
    with pytest.raises(EncodingError, match=r"; do this utf-16$"):
        encoding_of(codecs.BOM_UTF16_LE, "utf-8", mend="do this {}")


@given(
    st.text(st.sampled_from("aé\n\r,😀")),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"]),
    st.data(),
)
def test_lines_between_two_places_are_those_of_the_text(text: str, name: str, data: st.DataObject):
    encoding = Encoding(name, 0)
    parts = [f"{line}\n" for line in text.split("\n")[:-1]] + [
        *filter(None, [text.split("\n")[-1]])
    ]
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + len(part.encode(name)))
    first = data.draw(st.integers(0, len(parts)))
    last = data.draw(st.integers(first, len(parts)))
    stream = io.BytesIO(text.encode(name))
    found = [*lines(stream, ends[first], ends[last], encoding)]
    assert [line.decode(encoding.of_lines) for line in found] == parts[first:last]
    sizes = [size_of(line, encoding) for line in found]
    assert sizes == [len(part.encode(name)) for part in parts[first:last]]


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le"])
def test_a_line_without_an_end_is_no_table(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(encodings, "LONGEST_LINE", 1 << 20)
    for count, is_one in (((1 << 20) - 1, True), ((1 << 20) + 1, False)):
        content = ("a" * count).encode(name)
        asked = lines(io.BytesIO(content), 0, len(content), Encoding(name, 0))
        if is_one:
            assert [len(line) for line in asked] == [count]
        else:
            with pytest.raises(
                EncodingError, match=r"has a line of more than 1 MiB; is it a table"
            ):
                list(asked)


def test_wide_characters_that_are_damaged_are_told():
    content = "a\n".encode("utf-16-le") + b"\x00\xd8a\0"
    found = lines(io.BytesIO(content), 0, len(content), Encoding("utf-16-le", 0))
    with pytest.raises(EncodingError, match=r"is not utf-16-le text \(.*\); check data\.csv"):
        list(found)
