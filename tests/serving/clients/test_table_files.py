"""Tables in files to ask a model about."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from documents.features import Table
from serving.clients import columns
from serving.clients.columns import ColumnError
from serving.clients.signatures import Input
from serving.clients.table_files import from_file

INPUTS = (Input("fare", "DT_FLOAT", (-1,)), Input("company", "DT_STRING", (-1,)))


def test_a_file_may_hold_the_label_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes('\ufefftip,fare,company\r\nyes,1.5,"Café, ""5"""\r\n\r\nno,,\r\n'.encode())
    first, second = (columns.instance(row, INPUTS) for row in from_file(path))
    assert first == {"fare": 1.5, "company": 'Café, "5"'}
    assert math.isnan(second["fare"])
    assert [row.name for row in from_file(path)] == [f"{path}, line 2", f"{path}, line 4"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"fares,company\n1,a\n", r"has no column fare, which the model takes \(is it fares\?\)."),
        (b"fare,company\n1\n", "line 2 has 1 cells, and the first line 2; mend it."),
        (b"fare,fare\n1,2\n", "has a column twice; leave one out."),
        (b"fare,company\n1,Caf\xe9\n", "is not UTF-8; convert it."),
        (b"fare,company\n", "holds no rows below its first line."),
        (b"", "holds no rows below its first line."),
        (b"\n;;\n", "holds no rows below its first line."),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(ColumnError, match=said):
        [columns.instance(row, INPUTS) for row in from_file(path)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r"Cannot read .*none\.csv: No such file"):
        list(from_file(tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("tip;fare;company\nyes;1.5;Blue, Cab\n", "utf-8"),
        ("tip\tfare\tcompany\nyes\t1.5\tBlue, Cab\n", "utf-16"),
        (
            "sep=;\r\n;;;\r\n\r\ntip; fare ;company;;\r\nyes;1.5;Blue, Cab;;\r\n;;;;\r\n",
            "utf-8-sig",
        ),
        ('"tip","fare","company"\n"yes","1.5","Blue, Cab",,\n', "utf-8"),
        ("tip|fare|company\nyes|1.5|Blue, Cab\n", "utf-8"),
    ],
)
def test_tables_as_spreadsheets_export_them(tmp_path: Path, content: str, encoding: str) -> None:
    path = tmp_path / "rows.txt"
    path.write_bytes(content.encode(encoding))
    [asked] = [columns.instance(row, INPUTS) for row in from_file(path)]
    assert asked == {"fare": 1.5, "company": "Blue, Cab"}


def test_json_lines_have_parts_of_objects_as_columns_and_may_lack_keys(tmp_path: Path) -> None:
    inputs = (*INPUTS, Input("user.age", "DT_FLOAT", (-1,)), Input("tags", "DT_STRING", (-1,)))
    rows = [
        {"fare": 2.0, "company": "7", "user": {"age": 3}, "tags": ["a", "b"], "tip": True},
        {"fare": None, "tags": []},
        {"user": {"age": "NA"}, "company": 7.0},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n\n".join(map(json.dumps, rows)))
    first, second, third = (columns.instance(row, inputs) for row in from_file(path))
    assert first == {"fare": 2.0, "company": "7", "user.age": 3.0, "tags": "a b"}
    assert math.isnan(second["fare"])
    assert second["company"] == second["tags"] == ""
    assert third["company"] == "7"
    assert math.isnan(third["user.age"])
    assert [row.name for row in from_file(path)] == [f"{path}, line {at}" for at in (1, 3, 5)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.jsonl", b"{", "line 1 is no JSON; write an object a line."),
        ("t.jsonl", b"[1]", "line 1 is no object; write one for each row."),
        ("t.ndjson", b"", "holds no rows"),
        ("t.XLSX", b"PK", "write its rows as CSV or JSON Lines"),
    ],
)
def test_files_that_are_no_such_table(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ColumnError, match=said):
        list(from_file(tmp_path / name))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('1,"a"b\n', r"line 2 has text behind a closing quote; write .* twice: \"\"\."),
        ('1,"a\\"b"\n', r"line 2 has a backslash before a quote; write the quote twice instead"),
        ('1,x\n2,"a\n3,b\n', 'line 4 ends in a quote " that is never closed'),
    ],
)
def test_quotes_that_training_would_refuse_are(tmp_path: Path, rows: str, said: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"fare,company\n{rows}")
    with pytest.raises(ColumnError, match=said):
        list(from_file(path))


def test_quotes_above_the_header_and_in_comments_are_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('x,"Fares" of March\nfare,company\n# 1,"a" b\n1,5" disk\n2,"a ""b""\n# c"\n')
    cells = [dict(row.cells) for row in from_file(path, TAKEN, Table(comment="#"))]
    assert [row["company"] for row in cells] == ['5" disk', 'a "b"\n# c']


TAKEN = ("fare", "company")


@pytest.mark.parametrize(
    ("content", "table"),
    [
        ("Fares of March\n\ntip;fare;company\nyes;1.5;Blue, Cab\n", None),
        ("# by hand, 2026\ntip\tfare\tcompany\nyes\t1.5\tBlue, Cab\n# end\n", Table(comment="#")),
        ("tip,'fare','company'\nyes,'1.5','Blue, Cab'\n", Table(quote="'")),
        ("yes;1.5;Blue, Cab\n", Table(delimiter=";", columns=("tip", "fare", "company"))),
        ('tip;"fare";"company\n"\nyes;1.5;Blue, Cab\n', Table(quote='"')),
        ("tip;fare;company\nyes;1.5;Blue, Cab\n", Table(columns=("tip", "fare", "company"))),
        ('fare,company\n1.5,"Blue, Cab"\n', Table(delimiter=";", encoding="cp1252")),
    ],
)
def test_files_are_read_as_those_that_were_learned_from(
    tmp_path: Path, content: str, table: Table | None
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content)
    [row] = from_file(path, TAKEN, table)
    assert columns.instance(row, INPUTS) == {"fare": 1.5, "company": "Blue, Cab"}


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("cp1252", "cp1252"), ("utf-8", "cp1252"), ("utf-16-le", "utf-16-le")],
)
def test_an_encoding_is_that_of_the_data_unless_it_is_utf_8(
    tmp_path: Path, encoding: str, declared: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("fare,company\n1.5,Café\n".encode(encoding))
    [row] = from_file(path, TAKEN, Table(encoding=declared))
    assert columns.instance(row, INPUTS)["company"] == "Café"


def test_cells_of_json_lines_are_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"fare": 1.5, "company": true}\n{"fare": "1.5", "company": [1, "a"]}\n')
    first, second = (columns.instance(row, INPUTS) for row in from_file(path))
    assert first == {"fare": 1.5, "company": "true"}
    assert second == {"fare": 1.5, "company": "1 a"}
