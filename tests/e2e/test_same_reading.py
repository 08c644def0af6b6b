"""One value is one value: in every format that is learned from, in every way a model is asked.

Held against one another are what the formats read, `predict` with a table, with JSON Lines and in
words, the form of the demo, and the graph that is served, which REST and gRPC send to as it is.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import json
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from components.example_gen import protobuf
from components.example_gen.formats.format import Columns
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.registry import FORMATS
from documents.cells import asked
from documents.cells.cell import CellError
from documents.features import Features
from models.declaration import Declaration
from models.description import describe
from models.features.parts import Parts, bare
from models.features.transforms import TRANSFORMS
from serving.clients import columns
from serving.clients.columns import ColumnError
from serving.clients.signatures import Input
from serving.clients.table_files import from_file

REFUSED = "refused"
HALF = re.compile("[\ud800-\udfff]")
"""Of a character; only JSON can hold it."""
Value = float | str | None
"""As a model is asked, None where it is missing, or REFUSED."""

OPTIONS: dict[str, dict[str, Any]] = {
    "count": {"kind": "number", "missing": [-999.0]},
    "price": {"kind": "number", "decimal": ",", "thousands": ".", "unit": "€"},
    "town": {"kind": "category"},
    "remark": {"kind": "text"},
    "day": {"kind": "date", "missing": ["9999-12-31"]},
    "birth": {"kind": "date", "format": "%d.%m.%Y", "missing": ["01.01.1900"]},
    "seen": {"kind": "date", "format": "unix", "missing": ["0"]},
    "at": {"kind": "time", "missing": ["closed"]},
}
DECLARATION = Declaration.model_validate(
    {"features": OPTIONS, "label": {"name": "y", "kind": "number"}}
)
DESCRIBED = {
    of.name: of for of in Features.model_validate_json(describe(DECLARATION).encode()).features
}
INPUTS = tuple(
    Input(name, of.input.dtype, (-1,)) for name, of in DESCRIBED.items() if of.input is not None
)

TEXTS: dict[str, dict[str, Value]] = {
    "count": {
        **{"1e5": 1e5, "-5": -5.0, "\u22125": -5.0, "+5": 5.0, ".5": 0.5, "1.": 1.0, "-0": 0.0},
        **{" 7 ": 7.0, "\u00a07": 7.0, "\uff17": 7.0, "\u0667": 7.0, "\u096d": 7.0, "\u066b5": 0.5},
        **{"": None, "  ": None, "NULL": None, "NaN": None, "n/a": None, "-": None, "#N/A": None},
        **{"-999": None, "-999.0": None, "\u2212999": None, "-9.99e2": None},
        **dict.fromkeys(("inf", "-Infinity", "0x10", "1_000", "½", "1,234", "1.234,5"), REFUSED),
        **dict.fromkeys(("true", "True", "yes", "'5", "00501", "5 €", "(5)"), REFUSED),
        **dict.fromkeys(("9007199254740993", "1e39", "-3.5e38", "1e400", "5 5"), REFUSED),
    },
    "price": {
        **{"1.234,5": 1234.5, "1234,5 €": 1234.5, "€ 5": 5.0, "\u2212\u00a05": -5.0},
        **{"(5)": -5.0, "5-": -5.0, "1\u202f€": 1.0, "?": None, "1.234.567,8": 1234567.8},
        **dict.fromkeys(("1,234.5", "1.23,4", "5 $", "5 €€", "1.2345,6"), REFUSED),
    },
    "town": {
        **{" x ": "x", "\u00a0x\u3000": "x", "": None, " ": None, "NA": "NA", "null": "null"},
        **{of: of for of in ("Red", "red", "RED", "\u00e9", "e\u0301", "True", "true", "5.0")},
        **{
            of: of
            for of in ("00501", "😀", "\u200bx", "\ufeffx y", "a,b", 'say "hi"', "\uff15", "-")
        },
        **dict.fromkeys(("a\nb", "a\tb", "a\x7fb", "\ud800"), REFUSED),
    },
    "remark": {
        **{
            " two\nlines\t": "two\nlines",
            "NA": "NA",
            "": None,
            "👍🏽": "👍🏽",
            'say "hi"': 'say "hi"',
        },
        **{"x" * 20_000: "x" * 20_000, "a\rb": "a\rb"},
        **dict.fromkeys(("a\x1bb", "\udfff"), REFUSED),
    },
    "day": {
        **{"1899-12-31": "1899-12-31T00:00:00", "2100-03-01 23:59": "2100-03-01T23:59:00"},
        **{
            "2026-11-25T13:45:00+02:00": "2026-11-25T11:45:00",
            "2026-11-25T13:45:00,5Z": "2026-11-25T13:45:00",
        },
        **{"": None, "NaT": None, "9999-12-31": None, "9999-12-31T00:00:00": None},
        **dict.fromkeys(("2026-02-30", "2016-12-31T23:59:60", "2026-11-25T24:00"), REFUSED),
        **dict.fromkeys(
            ("2026-W48-3", "2026-330", "20261125", "0000-00-00", "\uff12026-01-01"),
            REFUSED,
        ),
        **dict.fromkeys(("25.11.2026", "26-11-25", "2026-11", "1764028800", "today"), REFUSED),
    },
    "birth": {
        **{"25.11.2026": "2026-11-25T00:00:00", "5.1.2026": "2026-01-05T00:00:00"},
        **{" 01.01.1900 ": None, "None": None, "02.01.1900": "1900-01-02T00:00:00"},
        **dict.fromkeys(("31.02.2026", "11/25/2026", "25.11.26", "00.00.0000"), REFUSED),
    },
    "seen": {
        **{"1764028800": "2025-11-25T00:00:00", "-1": "1969-12-31T23:59:59", "0": None},
        **{"1764028800.9": "2025-11-25T00:00:00", "0.0": None, "nan": None},
        **dict.fromkeys(("1_000", "inf", "1e20", "true", "0x10"), REFUSED),
    },
    "at": {
        **{"3:45 PM": "15:45:00", "12:00 am": "00:00:00", "24:00": "00:00:00", "7:05": "07:05:00"},
        **{"15:45:30.7": "15:45:30", " 15:45 Uhr ": "15:45:00", "Closed": None, "null": None},
        **dict.fromkeys(("25:10", "12:60", "13:00 pm", "23:59:60", "1h 20m", "noon", "7"), REFUSED),
        **dict.fromkeys(("\uff11\uff12:00", "01:23:45:06", "-01:00", "12:00+02:00"), REFUSED),
    },
}
"""By column, what each text means."""

TYPED: dict[str, Sequence[tuple[Any, Value]]] = {
    "count": [(5, 5.0), (5.0, 5.0), (True, 1.0), (-999, None), (-999.0, None), (math.nan, None)],
    "price": [(1234.5, 1234.5), (decimal.Decimal("1.5"), 1.5)],
    "town": [(5, "5"), (5.0, "5"), (True, "true"), (False, "false"), (-0.0, "0"), (1.5, "1.5")],
    "remark": [(["a", None, "b"], "a b"), ([], None), (7, "7")],
    "day": [
        (datetime.date(2026, 1, 5), "2026-01-05T00:00:00"),
        (datetime.date(9999, 12, 31), None),
        (datetime.datetime(2026, 1, 5, 1, tzinfo=datetime.timezone.utc), "2026-01-05T01:00:00"),
    ],
    "birth": [(datetime.date(1900, 1, 1), None)],
    "seen": [(0, None), (0.0, None), (1764028800, "2025-11-25T00:00:00")],
    "at": [(datetime.time(15, 45, 30, 7), "15:45:30")],
}
"""Cells of Parquet; JSON has some of them."""


def learned(name: str, cell: Any) -> Value:
    try:
        value = DECLARATION.used[name].value(cell)
    except CellError:
        return REFUSED
    return value.decode() if isinstance(value, bytes) else value


def read(format_name: str, path: Path, name: str) -> list[Any]:
    """The cells of a file, as workers read them."""
    format_ = FORMATS[format_name](FormatOptions(), Columns((name,), name))
    [source] = format_.sources([str(path)])
    batches = [of for part in format_.ranges(source, 1 << 20) for of in format_.batches(part)]
    return [cell for batch in batches for cell in batch.cells[name]]


def predicted(path: Path, name: str) -> list[Value]:
    """What `predict` sends for the rows of a file."""
    [taken] = [of for of in INPUTS if of.name == name]
    return [
        sent(lambda row=row: columns.instance(row, [taken], DESCRIBED)) for row in from_file(path)
    ]


def sent(make: Callable[[], dict[str, Any]]) -> Value:
    try:
        [value] = make().values()
    except ColumnError:
        return REFUSED
    return None if value == "" or value != value else value


def form(name: str, cell: str) -> Value:
    reader = asked.reader_of_form(DESCRIBED[name])
    assert reader
    try:
        return reader(cell)
    except CellError:
        return REFUSED


def packed(name: str, value: Any) -> dict[str, Any] | str:
    """What the network would see of a value that is sent as it is; REFUSED."""
    kind = DECLARATION.used[name]
    missing: Any = math.nan if kind.STORED == "FLOAT" else b""
    dtype = tf.float32 if kind.STORED == "FLOAT" else tf.string
    tensor = tf.constant([missing if value is None else value], dtype)
    try:
        parts: Parts = TRANSFORMS[kind.kind](kind, name, tensor)
    except tf.errors.InvalidArgumentError:
        return REFUSED
    return {
        **{key: float(of[0]) for key, of in parts.numbers.items()},
        **{key: bare(of)[0].numpy() for key, of in parts.words.items()},
        **{key: of.values.numpy().tolist() for key, of in parts.texts.items()},
    }


def same(one: Any, other: Any) -> bool:
    return bool(one == other or (one != one and other != other))


def are_same(one: Any, other: Any) -> bool:
    if REFUSED in (one, other):
        return bool(one == other)
    return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_text_is_read_alike_everywhere(name: str, tmp_path: Path) -> None:
    wanted = TEXTS[name]
    whole = {cell: value for cell, value in wanted.items() if not HALF.search(cell)}
    table, lines, records = (tmp_path / f"t.{end}" for end in ("csv", "jsonl", "tfrecord"))
    with table.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([[name, "n"], *([cell, place] for place, cell in enumerate(whole))])
    lines.write_text("".join(json.dumps({name: cell}) + "\n" for cell in wanted))
    pq.write_table(pa.table({name: [*whole]}), tmp_path / "t.parquet")
    with tf.io.TFRecordWriter(str(records)) as writer:
        for cell in whole:
            writer.write(protobuf.example([protobuf.entry(name, "BYTES", cell.encode())]))

    found: dict[str, list[Value]] = {
        "csv": [learned(name, cell) for cell in read("csv", table, name)],
        "parquet": [learned(name, cell) for cell in read("parquet", tmp_path / "t.parquet", name)],
        "tfrecord": [learned(name, cell) for cell in read("tfrecord", records, name)],
        "predict rows.csv": predicted(table, name),
    }
    for path, values in found.items():
        assert dict(zip(whole, values, strict=True)) == whole, path
    words = {cell: sent(lambda cell=cell: asked_in_words(name, cell)) for cell in wanted}
    found = {
        "jsonl": [learned(name, cell) for cell in read("jsonl", lines, name)],
        "predict rows.jsonl": predicted(lines, name),
        "predict NAME=VALUE": [*words.values()],
    }
    for path, values in found.items():
        assert dict(zip(wanted, values, strict=True)) == wanted, path
    assert {cell: form(name, cell) for cell in wanted} == wanted


def asked_in_words(name: str, cell: str) -> dict[str, Any]:
    [taken] = [of for of in INPUTS if of.name == name]
    return columns.instance(columns.from_words([f"{name}={cell}"]), [taken], DESCRIBED)


@pytest.mark.parametrize("name", [*TYPED])
def test_a_cell_with_a_type_is_read_as_its_text(name: str, tmp_path: Path) -> None:
    for place, (cell, wanted) in enumerate(TYPED[name]):
        path = tmp_path / f"{place}.parquet"
        pq.write_table(pa.table({name: [cell]}), path)
        [found] = read("parquet", path, name)
        assert learned(name, found) == wanted, cell
        if not isinstance(cell, bool | int | float | list) or cell != cell:
            continue
        lines = tmp_path / f"{place}.jsonl"
        lines.write_text(json.dumps({name: cell}))
        assert [learned(name, of) for of in read("jsonl", lines, name)] == [wanted]
        assert predicted(lines, name) == [wanted]


@pytest.mark.parametrize("name", [*TEXTS])
def test_what_is_sent_raw_is_the_same_value_or_is_refused(name: str) -> None:
    for cell, value in TEXTS[name].items():
        if value is not REFUSED:
            assert are_same(packed(name, value), packed(name, learned(name, cell)))
        if name in ("count", "price") or HALF.search(cell):
            continue  # A text in a number is refused before the model is asked.
        raw = packed(name, cell)
        is_word = name in ("town", "remark")
        if not is_word or value is not REFUSED:
            assert raw == REFUSED or are_same(raw, packed(name, value)), cell


dates = st.builds(
    "{:04d}-{:02d}-{:02d}{}".format,
    st.integers(0, 9999),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from(["", "T00:00", " 23:59:59", "T24:00", "T12:60", "T23:59:60", "Z", "T10:00Z"]),
)
times = st.builds(
    "{:d}:{:02d}{}".format,
    st.integers(0, 25),
    st.integers(0, 61),
    st.sampled_from(["", ":00", ":60", " pm"]),
)


@settings(max_examples=150)
@given(dates | times | st.text(max_size=8) | st.just("9999-12-31"))
def test_no_date_or_time_means_another_one_to_the_model_than_to_who_learned(text: str) -> None:
    for name in ("day", "at"):
        raw = packed(name, text)
        if raw != REFUSED:
            value = learned(name, text)
            assert value is not REFUSED
            assert are_same(raw, packed(name, value))


@settings(max_examples=150)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
def test_a_category_is_the_same_with_blanks_around_it(text: str) -> None:
    for name in ("town", "remark"):
        assert are_same(packed(name, text), packed(name, learned(name, text)))
