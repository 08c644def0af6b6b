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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
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
from serving.clients.columns import ColumnError, Row
from serving.clients.grpc_client import GrpcClient
from serving.clients.rest_client import ServingError
from serving.clients.signatures import Input
from serving.clients.table_files import from_file
from serving.launch import ModelServer, launch
from tests.e2e.clone import REPOSITORY
from tests.examples import examples

REFUSED = "refused"
HALF = re.compile("[\ud800-\udfff]")
"""Of a character; only JSON can hold it."""
Value = float | str | None
"""As a model is asked, None where it is missing, or REFUSED."""

OPTIONS: dict[str, dict[str, Any]] = {
    "count": {"kind": "number", "missing": [-999.0]},
    "price": {"kind": "number", "decimal": ",", "thousands": ".", "unit": "€"},
    "took": {"kind": "number", "duration": "minutes", "missing": ["DNF"]},
    "town": {"kind": "category"},
    "remark": {"kind": "text"},
    "day": {"kind": "date", "missing": ["9999-12-31"]},
    "birth": {"kind": "date", "format": "%d.%m.%Y", "missing": ["01.01.1900"]},
    "seen": {"kind": "date", "format": "unix", "missing": ["0"]},
    "at": {"kind": "time", "missing": ["closed"]},
    "leaves": {"kind": "time", "format": "hhmm", "missing": ["9999"]},
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

DTYPES = {
    name: tf.float32 if kind.STORED == "FLOAT" else tf.string
    for name, kind in DECLARATION.used.items()
}

TEXTS: dict[str, dict[str, Value]] = {
    "count": {
        **{"1e5": 1e5, "-5": -5.0, "\u22125": -5.0, "+5": 5.0, ".5": 0.5, "1.": 1.0, "-0": -0.0},
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
    "leaves": {
        **{"1345": "13:45:00", "0517": "05:17:00", "517": "05:17:00", "5": "00:05:00"},
        **{" 930.0 ": "09:30:00", "2400": "00:00:00", "5:17 pm": "17:17:00", "9999": None},
        **{"": None, "NA": None},
        **dict.fromkeys(("1360", "2401", "12345", "-517", "930.5", "noon"), REFUSED),
    },
}
"""By column, what each text means."""

TYPED: dict[str, Sequence[tuple[Any, Value]]] = {
    "count": [(5, 5.0), (5.0, 5.0), (True, 1.0), (-999, None), (-999.0, None), (math.nan, None)],
    "price": [(1234.5, 1234.5), (decimal.Decimal("1.5"), 1.5)],
    "took": [(90, 90.0), (datetime.timedelta(minutes=2), 120.0)],
    "leaves": [(517, "05:17:00"), (517.0, "05:17:00"), (9999, None), (math.nan, None)],
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


def sent(name: str, row: Row) -> Value:
    """What `predict` sends for a row."""
    [taken] = [of for of in INPUTS if of.name == name]
    try:
        value = columns.instance(row, [taken], DESCRIBED)[name]
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


def seen(name: str, values: tf.Tensor) -> tf.Tensor:
    """What the network would see of values [N] that are sent as they are, as texts [N]."""
    kind = DECLARATION.used[name]
    parts: Parts = TRANSFORMS[kind.kind](kind, name, values)
    numbers = [tf.strings.as_string(of, precision=9) for of in parts.numbers.values()]
    words = [bare(of) for of in parts.words.values()]
    texts = [
        tf.strings.reduce_join(tf.sparse.to_dense(of, ""), axis=1, separator=" ")
        for of in parts.texts.values()
    ]
    return tf.strings.join([*numbers, *words, *texts], "|")


def packed(name: str, value: Any) -> bytes | str:
    """As `seen`, of one value; REFUSED."""
    is_number = DTYPES[name] == tf.float32
    missing: Any = math.nan if is_number else b""
    try:
        [found] = seen(name, tf.constant([missing if value is None else value], DTYPES[name]))
    except tf.errors.InvalidArgumentError:
        return REFUSED
    return bytes(found.numpy())


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
        "predict rows.csv": [sent(name, row) for row in from_file(table)],
    }
    for path, values in found.items():
        assert dict(zip(whole, values, strict=True)) == whole, path
    found = {
        "jsonl": [learned(name, cell) for cell in read("jsonl", lines, name)],
        "predict rows.jsonl": [sent(name, row) for row in from_file(lines)],
        "predict NAME=VALUE": [
            sent(name, columns.from_words([f"{name}={cell}"])) for cell in wanted
        ],
    }
    for path, values in found.items():
        assert dict(zip(wanted, values, strict=True)) == wanted, path
    assert {cell: form(name, cell) for cell in wanted} == wanted


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
        assert [sent(name, row) for row in from_file(lines)] == [wanted]


@pytest.mark.medium
@pytest.mark.parametrize("name", [*TEXTS])
def test_what_is_sent_raw_is_the_same_value_or_is_refused(name: str) -> None:
    for cell, value in TEXTS[name].items():
        if value is not REFUSED:
            assert packed(name, value) == packed(name, learned(name, cell)) != REFUSED, cell
        if is_sent_raw(name, cell):
            assert packed(name, cell) in (REFUSED, packed(name, value)), cell


def is_sent_raw(name: str, cell: str) -> bool:
    """Whether a text is all that the table says of what the graph makes of it: one in a number is
    refused before, and what no cell may hold is a word or text as any other in a request."""
    is_bad = TEXTS[name][cell] is REFUSED
    return DTYPES[name] == tf.string and not (is_bad and name in ("town", "remark"))


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


@pytest.mark.medium
@settings(max_examples=examples(3))
@given(dates | times | st.text(max_size=8) | st.just("9999-12-31"))
def test_no_date_or_time_means_another_one_to_the_model_than_to_who_learned(text: str) -> None:
    for name in ("day", "at"):
        raw = REFUSED if HALF.search(text) else packed(name, text)
        if raw != REFUSED:
            assert learned(name, text) != REFUSED
            assert raw == packed(name, learned(name, text))


@pytest.mark.medium
@settings(max_examples=examples(0.8))
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
def test_a_category_is_the_same_with_blanks_around_it(text: str) -> None:
    for name in ("town", "remark"):
        assert packed(name, text) == packed(name, learned(name, text)) != REFUSED


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    """Answers what the network would see of each column."""
    specs = [tf.TensorSpec([None], dtype, name) for name, dtype in DTYPES.items()]

    @tf.function(input_signature=specs)
    def answer(*values: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: seen(name, of) for name, of in zip(DTYPES, values, strict=True)}

    folder = tmp_path_factory.mktemp("read")
    tf.saved_model.save(tf.Module(), str(folder / "1"), signatures={"serving_default": answer})
    with launch(folder, "read", backend="embedded", grpc=True) as running:
        running.wait_available()
        yield running


NOTHING: dict[str, Any] = {
    name: math.nan if dtype == tf.float32 else "" for name, dtype in DTYPES.items()
}


def by_rest(server: ModelServer, body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{server.rest_url}/v1/models/read:predict", json.dumps(body), timeout=60)


def answer_of(response: requests.Response, key: str, name: str) -> bytes | str:
    """What is answered of the one row; REFUSED where it is, by a sentence."""
    document = response.json()
    if response.status_code == 400:
        assert document["error"]
        return REFUSED
    assert response.status_code == 200, document
    answer = document[key][name][0] if key == "outputs" else document[key][0][name]
    return str(answer).encode()


def by_grpc(grpc: GrpcClient, arrays: dict[str, Any], name: str) -> bytes | str:
    try:
        [found] = grpc.predict(arrays)[name]
    except ServingError as error:
        if error.status != 400:
            raise
        return REFUSED
    return bytes(found)


@pytest.mark.slow
def test_rest_and_grpc_have_the_model_see_the_same(server: ModelServer) -> None:
    with GrpcClient(str(server.grpc_target), "read") as grpc:
        for name, texts in TEXTS.items():
            for cell, value in texts.items():
                raw = cell if is_sent_raw(name, cell) else value
                if raw is REFUSED:
                    continue
                sent = {**NOTHING, **({name: raw} if raw is not None else {})}
                wanted = packed(name, raw)
                row = by_rest(server, {"instances": [sent]})
                assert answer_of(row, "predictions", name) == wanted, (name, cell)
                column = by_rest(server, {"inputs": {of: [held] for of, held in sent.items()}})
                assert answer_of(column, "outputs", name) == wanted, (name, cell)
                arrays = {
                    of: np.array([held], np.float32 if DTYPES[of] == tf.float32 else object)
                    for of, held in sent.items()
                }
                assert by_grpc(grpc, arrays, name) == wanted, (name, cell)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("count", ["12", "", True, None, {"b64": ""}, 10**400]),
        ("town", [5, 1.5, True, None]),
        (
            "day",
            [20261125, 1764028800.0, None, "25.11.2026", "2026-02-30", "0000-00-00", " ", "NA"],
        ),
        ("birth", ["25.11.2026"]),
        ("seen", [1764028800, "1764028800"]),
        ("at", ["2:30 pm", "24:00", 14.5, "closed", None]),
    ],
)
def test_what_a_request_may_not_hold_is_refused(
    server: ModelServer, name: str, values: Sequence[Any]
) -> None:
    for value in values:
        row = by_rest(server, {"instances": [{**NOTHING, name: value}]})
        column = by_rest(
            server, {"inputs": {**{of: [held] for of, held in NOTHING.items()}, name: [value]}}
        )
        assert answer_of(row, "predictions", name) == REFUSED, value
        assert answer_of(column, "outputs", name) == REFUSED, value


@pytest.mark.slow
def test_a_number_beyond_float32_is_as_great_as_any(server: ModelServer) -> None:
    response = by_rest(server, {"instances": [{**NOTHING, "count": 1e39}]})
    assert answer_of(response, "predictions", "count") == packed("count", math.inf)


@pytest.mark.slow
def test_the_request_in_the_docs_can_be_sent(server: ModelServer) -> None:
    page = (REPOSITORY / "docs" / "client.md").read_text()
    [written] = re.findall(r"```json\n(\{\"instances\".*?)```", page, re.DOTALL)
    instances = json.loads(written)["instances"]
    response = by_rest(server, {"instances": [{**NOTHING, **of} for of in instances]})
    answers = response.json()["predictions"]
    wanted = {"count": 12.45, "town": "Red", "day": "2026-11-25", "at": "14:30", "remark": ""}
    assert instances[0] == wanted
    for row, answer in zip(instances, answers, strict=True):
        assert {name: answer[name].encode() for name in row} == {
            name: packed(name, value) for name, value in row.items()
        }
    for name in wanted:
        assert answers[1][name].encode() == packed(name, None)
