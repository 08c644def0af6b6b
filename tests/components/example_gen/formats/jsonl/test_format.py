import json
import re
import subprocess
from typing import Any

import pytest

from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.jsonl.format import Jsonl
from components.example_gen.formats.options import FormatOptions


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_rows_keep_their_types_and_lines(tmp_path, read, size):
    rows: list[dict[str, Any]] = [
        {"a": 1, "b": "x"},
        {"b": None, "a": 1.5},
        {"a": True, "b": ["p", "q"]},
        {"b": "ü"},
    ]
    path = tmp_path / "t.jsonl"
    path.write_text("\n\n".join(map(json.dumps, rows)))
    found, places, bad = read("jsonl", [path], "a", "b", size=size)
    assert found == [(row.get("a"), row.get("b")) for row in rows]
    assert places == [(str(path), line) for line in (1, 3, 5, 7)]
    assert not bad


def test_bad_lines_cost_nothing_but_themselves(tmp_path, read):
    path = tmp_path / "t.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"a": 1}\n{"a": 2\n[3]\n{"a": 1, "a": 2}\n{"a": "\xe9"}\n'
        + (b"[" * 99_999 + b"\n7\ntrue\nnull\n{\n")
    )
    found, _, bad = read("jsonl", [path], "a")
    assert found == [(1,)]
    assert bad[("t.jsonl", 2)].startswith("is no JSON (Expecting ',' delimiter")
    assert bad[("t.jsonl", 3)] == "holds a list instead of an object"
    assert bad[("t.jsonl", 4)] == "has the key 'a' twice"
    assert bad[("t.jsonl", 5)] == "is not utf-8 text (byte 0xe9)"
    assert bad[("t.jsonl", 6)].startswith("is no JSON")
    assert bad[("t.jsonl", 7)] == "holds a number instead of an object"
    assert bad[("t.jsonl", 8)] == "holds true or false instead of an object"
    assert bad[("t.jsonl", 9)] == "holds null instead of an object"
    assert "on a line of its own: jq -c . FILE" in bad[("t.jsonl", 10)]


def test_a_key_may_come_as_late_as_it_likes(tmp_path, read):
    path = tmp_path / "t.jsonl"
    rows = [{"a": row} for row in range(300)] + [{"a": 300, "b": {"c": "x"}}]
    path.write_text("\n".join(map(json.dumps, rows)))
    found, _, bad = read("jsonl", [path], "a", "b.c")
    assert found[299:] == [(299, None), (300, "x")]
    assert not bad
    with pytest.raises(FormatError, match=r"has no column 'd'; it has a, b\.c; if it is 'b.c' now"):
        read("jsonl", [path], "a", "d")


def test_all_keys_are_columns_but_for_those_of_hardly_a_row(tmp_path):
    path = tmp_path / "t.jsonl"
    rows: list[dict[str, Any]] = [{"a": row, "o": None} for row in range(3_000)]
    for row in range(200, 210):
        rows[row]["o"] = {"late": row}
    rows[2_500]["once"] = 1
    path.write_text("\n".join(map(json.dumps, rows)))
    format_ = Jsonl(FormatOptions(), Columns(("a",), "a"))
    assert format_.all_names(str(path)) == (["a", "o.late"], ["once"])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"x": {"0": 1, "1": 2}, "y": {"0": 1, "1": 3}}', "to_json\\(FILE, orient='records'"),
        (b'{"aa": 1}\n', "has no column 'a'"),
        (b"", "is empty"),
        (b"\x1f\x8b", "is compressed"),
        ('{"a": 1}'.encode("utf-16"), "begins as utf-16 does; save it as UTF-8"),
    ],
)
def test_files_that_are_no_such_table(tmp_path, read, content, why):
    path = tmp_path / "t.jsonl"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=why):
        read("jsonl", [path], "a")


def test_objects_within_rows_are_columns_of_their_own(tmp_path, read):
    path = tmp_path / "t.jsonl"
    rows: list[dict[str, Any]] = [
        {"user": None, "a": 1},
        {"user": {"age": 41, "at": {"city": "Ulm"}}, "a": 2, "x.y": 3, "x": {"y": 4, "z": {}}},
        {"user": {"age": None, "at": {}}, "a": 3},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    found, _, bad = read("jsonl", [path], "user.age", "user.at.city", "x.y", "a")
    assert found == [(None, None, None, 1), (41, "Ulm", 3, 2), (None, None, None, 3)]
    assert not bad
    with pytest.raises(FormatError, match=r"no column 'user.agee'; if it is 'user.age' now"):
        read("jsonl", [path], "user.agee")
    found, _, _ = read("jsonl", [path], "a", "user", known=["user"])
    assert found[1] == (2, rows[1]["user"])


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": 2}]\n', '[\n {"a": 1}\n]\n'])
def test_a_list_of_objects_is_told_with_what_makes_lines_of_it(tmp_path, read, text):
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    _, _, bad = read("jsonl", [path], "a")
    assert bad[("t.jsonl", 1)].endswith("on a line of its own: jq -c '.[]' FILE > NEW.jsonl")


def test_commas_behind_objects_are_told_with_what_takes_them_away(tmp_path, read):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b'{"a": {"b": 1}},\r\n{"a": 2},\n{"a": 3}\n')
    found, _, bad = read("jsonl", [path], "a")
    assert found == [(3,)]
    [script] = re.findall(r"comma behind it; take it away: sed '(.*)' FILE", bad[("t.jsonl", 2)])
    path.write_bytes(subprocess.run(["sed", script, path], capture_output=True, check=True).stdout)
    found, _, bad = read("jsonl", [path], "a")
    assert len(found) == 3
    assert not bad
