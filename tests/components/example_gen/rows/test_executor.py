from __future__ import annotations

import contextlib
import json
import logging
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from components.example_gen import protobuf
from components.example_gen.formats.format import FormatError
from components.example_gen.rows.totals import DataError
from documents.features import Features
from documents.reader import read as documents_read
from models.declaration import Declaration
from tests.components.example_gen.rows.node import TRIPS, read, run
from tests.models import user_file


def trips(path: Path, rows: int, first: int = 0, bad: int = 0, companies: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["id,fare,company,tip"]
    lines += [
        f"{row:05d},{row}.5,c{row % companies},{'yes' if row % 2 else 'no'}"
        for row in range(first, first + rows)
    ]
    lines += [f"x,cheap {row},c,no" for row in range(bad)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.medium
def test_every_row_is_written_once(tmp_path):
    trips(tmp_path / "data [1]" / "a.csv", 200)
    trips(tmp_path / "data [1]" / "b.csv", 100, first=200)
    examples, told = run(f"{tmp_path}/data [1]/*.csv", tmp_path / "out", shards=5)
    found = read(examples)
    assert [*found] == ["train", "eval", "test"]
    rows = [row for of in found.values() for row in of]
    assert sorted(row["fare"][0] for row in rows) == [row + 0.5 for row in range(300)]
    assert all(row["company"] == [f"c{int(row['fare'][0]) % 3}".encode()] for row in rows)
    assert all(row["tip"] == [int(row["fare"][0]) % 2] for row in rows)
    assert not any("id" in row for row in rows)
    for split, of in found.items():
        assert examples.get_int_custom_property(f"examples_{split}") == len(of)
    assert examples.get_int_custom_property("rows") == 300
    assert examples.get_int_custom_property("quarantined") == 0
    assert examples.get_string_custom_property("fingerprint") == told["input_fingerprint"]
    names = {
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")
    } | {path.name for path in (tmp_path / "out").iterdir()}
    assert "features.json" in names
    assert not names & {"unfinished", "quarantine.jsonl"}
    shards = sorted(path.name for path in (tmp_path / "out/Split-train").iterdir())
    assert shards == [f"data_tfrecord-{i:05d}-of-{len(shards):05d}" for i in range(len(shards))]
    assert len(shards) >= 5


@pytest.mark.medium
def test_splits_do_not_hang_on_files_or_ranges(tmp_path):
    trips(tmp_path / "a.csv", 150)
    trips(tmp_path / "b.csv", 150, first=150)
    trips(tmp_path / "one" / "all.csv", 300)
    apart = read(run(f"{tmp_path}/*.csv", tmp_path / "out", shards=7)[0])
    together = read(run(f"{tmp_path}/one", tmp_path / "out2", shards=1)[0])
    assert {split: sorted(row["fare"][0] for row in of) for split, of in apart.items()} == {
        split: sorted(row["fare"][0] for row in of) for split, of in together.items()
    }


def test_bad_rows_are_listed_with_their_place(tmp_path):
    path = trips(tmp_path / "t.csv", 198, bad=2)
    examples, _ = run(str(path), tmp_path / "out")
    listed = [json.loads(line) for line in (tmp_path / "out/quarantine.jsonl").open()]
    assert [(row["path"], row["line"]) for row in listed] == [(str(path), 200), (str(path), 201)]
    assert listed[0]["reason"] == "column fare holds 'cheap 0', which is no number"
    assert examples.get_int_custom_property("quarantined") == 2
    assert examples.get_int_custom_property("rows") == 200
    assert sum(map(len, read(examples).values())) == 198


def test_too_many_bad_rows_stop_the_run_with_a_sentence(tmp_path):
    path = trips(tmp_path / "t.csv", 90, bad=10)
    with pytest.raises(DataError) as stopped:
        run(str(path), tmp_path / "out", quarantine=0.05)
    said = str(stopped.value)
    assert said.startswith("10 of 100 rows (10 %) cannot be read, which is more than data.quaran")
    assert f"{path}, line 92: column fare holds 'cheap 0', which is no number" in said
    assert "and 7 more" in said
    assert "\n" not in said


def test_each_reason_is_named_before_more_rows_of_one(tmp_path):
    path = trips(tmp_path / "t.csv", 90)
    bad = ["x,dear,c,no"] * 5 + ["x,1,c,mabye"] * 2
    path.write_text(path.read_text() + "".join(f"{row}\n" for row in bad))
    with pytest.raises(DataError) as stopped:
        run(str(path), tmp_path / "out")
    said = str(stopped.value)
    assert (
        f"{path}, lines 92, 93: column fare holds 'dear', which is no number; declare missing:"
        f" ['dear'] if it stands for nothing; {path}, line" in said
    )
    assert "line 97: column tip holds 'mabye', which label.values do not name; and 4 more" in said


@pytest.mark.medium
@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("id,fare,company,tip\n", "The data hold no rows"),
        ("id,fare,company\n1,2,3\n", "has no column 'tip'"),
        ("id,fare,Company,tip\n1,2,3,no\n", "if it is 'Company' now, rename it"),
        ("id,fare,company,tip\n1,,a,no\n2,NA,b,yes\n", "is empty"),
    ],
)
def test_data_that_nothing_can_be_learned_from(tmp_path, content, why):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises((DataError, FormatError), match=why):
        run(str(tmp_path / "t.csv"), tmp_path / "out")


def test_one_class_only_is_refused(tmp_path):
    path = trips(tmp_path / "t.csv", 100)
    path.write_text(path.read_text().replace("yes", "no"))
    with pytest.raises(DataError, match=r"Label tip is 'no' in all .* rows of split train"):
        run(str(path), tmp_path / "out")


def test_few_rows_that_differ_leave_a_split_empty_and_are_told_why(tmp_path):
    rows = "".join(f"{n},{n % 2},a,{('no', 'yes')[n % 2]}\n" for n in range(200))
    (tmp_path / "t.csv").write_text(f"id,fare,company,tip\n{rows}")
    with pytest.raises(DataError) as stopped:
        run(str(tmp_path / "t.csv"), tmp_path / "out")
    said = str(stopped.value)
    assert re.match(r"Split \w+ is empty \(rows by split: train ", said)
    assert "): rows with the same features fall into one split, so take more that differ" in said
    split = {"by": "group", "column": "company"}
    with pytest.raises(DataError, match="rows with the same company fall into one split, so take"):
        run(str(tmp_path / "t.csv"), tmp_path / "group", split=split)


def test_an_empty_feature_is_named(tmp_path):
    path = trips(tmp_path / "t.csv", 100)
    for company in range(3):
        path.write_text(path.read_text().replace(f"c{company}", ""))
    with pytest.raises(DataError, match=r"Feature company is empty in all 100 rows; make it"):
        run(str(path), tmp_path / "out")
    # Where most cells are empty, rows are alike and fall into one split: that is no reason.
    path.write_text("fare,company,tip\n" + "NULL,,no\nNULL,,yes\n" * 45)
    with pytest.raises(DataError, match="Feature fare is empty in all 90 rows"):
        run(str(path), tmp_path / "alike")


@pytest.mark.medium
@pytest.mark.parametrize("column", ["fare", "tip"])
def test_numbers_without_the_unit_that_they_had_may_be_others(tmp_path, column):
    number = {"kind": "number"}
    kinds = {"fare": number, "tip": number, column: {"kind": "number", "unit": "%"}}
    declaration = Declaration.model_validate(
        {"features": {"fare": kinds["fare"]}, "label": {"name": "tip", **kinds["tip"]}}
    )
    path = tmp_path / "t.csv"
    for sign, other in (("%", ""), (" %", "%"), ("%", "%")):
        rows = [f"{n}{sign if n % 9 else other},{n}{sign if n % 7 else other}" for n in range(90)]
        if column == "fare":
            rows = [row.rpartition(",")[0] + f",{n}" for n, row in enumerate(rows)]
        else:
            rows = [f"{n}," + row.partition(",")[2] for n, row in enumerate(rows)]
        path.write_text("\n".join(["fare,tip", *rows]))
        run(str(path), tmp_path / f"out{sign}{other}", declaration)
    path.write_text("fare,tip\n" + "".join(f"0.{n},0.{n}\n" for n in range(10, 99)))
    said = f"No cell of column {column} has the unit % that the settings declare, so that 0.45 may"
    with pytest.raises(DataError, match=said):
        run(str(path), tmp_path / "refused", declaration)


def records(path: Path, *rows: dict[str, tuple[str, Any]]) -> None:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for row in rows:
            writer.write(protobuf.example(protobuf.entry(name, *row[name]) for name in sorted(row)))


@pytest.mark.medium
def test_a_feature_that_no_record_has_is_lost_or_called_otherwise(tmp_path, caplog):
    row = {"fare": ("FLOAT", 1.5), "tip": ("BYTES", [b"no"])}
    there = {"company": ("BYTES", [b"c"])}
    first, second = tmp_path / "0.tfrecord", tmp_path / "1.tfrecord"
    for features, said in (
        ({"Company": ("BYTES", [b"c"])}, "has no column 'company'; if it is 'Company' now, rename"),
        ({"firm": ("BYTES", [b"c"])}, "has no column 'company'; it has fare, tip, firm; if it is"),
        ({}, "has no column 'company'; it has fare, tip; mend the file, or features and label"),
    ):
        for path in (first, second):
            records(path, *[row | features] * 120)
        with pytest.raises(FormatError, match=f"0.tfrecord {re.escape(said)}"):
            run(f"{tmp_path}/*.tfrecord", tmp_path / "lost", fmt="tfrecord")
    # A record may lack any feature, and so may a whole file.
    records(second, *[row] * 120, *[row | there | {"n": ("INT", of)} for of in range(99)])
    with caplog.at_level(logging.WARNING, "progress"), contextlib.suppress(DataError):
        run(f"{tmp_path}/*.tfrecord", tmp_path / "there", fmt="tfrecord")
    assert "column n of" in caplog.text


def test_a_class_without_rows_is_warned_of(tmp_path, caplog):
    declaration = Declaration.model_validate(
        {
            **TRIPS.model_dump(exclude_none=True),
            "label": {"name": "tip", "kind": "classes", "values": ["no", "yes", "maybe"]},
        }
    )
    with caplog.at_level(logging.WARNING):
        run(str(trips(tmp_path / "t.csv", 100)), tmp_path / "out", declaration)
    assert "split train has no row of maybe" in caplog.text


def test_a_new_column_is_told_and_a_lost_one_that_is_ignored_is_not(tmp_path, caplog):
    path = trips(tmp_path / "t.csv", 100)
    path.write_text(path.read_text().replace("id,", "identity,", 1))
    with caplog.at_level(logging.WARNING):
        run(str(path), tmp_path / "out")
    assert f"column identity of {path} is not declared, so nothing learns from it" in caplog.text


def test_a_label_that_was_never_declared_is_a_bad_row(tmp_path):
    path = trips(tmp_path / "t.csv", 199)
    path.write_text(path.read_text() + "x,1,c,mabye\n")
    run(str(path), tmp_path / "out")
    [row] = [json.loads(line) for line in (tmp_path / "out/quarantine.jsonl").open()]
    assert row["reason"] == "column tip holds 'mabye', which label.values do not name"


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FormatError, match=r"nothing\*\.csv fits no file; check data.files"):
        run(f"{tmp_path}/nothing*.csv", tmp_path / "out")


def test_the_latest_span_is_read_and_content_tells_what_is_new(tmp_path):
    trips(tmp_path / "span-1" / "t.csv", 100)
    trips(tmp_path / "span-2" / "t.csv", 120)
    examples, told = run(f"{tmp_path}/span-{{SPAN}}/*.csv", tmp_path / "out")
    assert (told["span"], told["version"]) == (2, None)
    assert examples.get_int_custom_property("rows") == 120
    again = run(f"{tmp_path}/span-2/*.csv", tmp_path / "out2")[1]
    trips(tmp_path / "span-2" / "t.csv", 121)
    other = run(f"{tmp_path}/span-{{SPAN}}", tmp_path / "out3")[1]
    assert told["input_fingerprint"] != other["input_fingerprint"]
    assert again["input_fingerprint"] != other["input_fingerprint"]


@pytest.mark.medium
def test_groups_stay_together(tmp_path):
    found = read(
        run(
            str(trips(tmp_path / "t.csv", 400, companies=40)),
            tmp_path / "out",
            split={"by": "group", "column": "company", "train": 1, "eval": 1, "test": 0},
        )[0]
    )
    of_split = {split: Counter(row["company"][0] for row in of) for split, of in found.items()}
    assert not set(of_split["train"]) & set(of_split["eval"])


@pytest.mark.medium
def test_a_users_function_reads_what_it_likes(tmp_path):
    source = """
    def examples(path):
        for line in open(path):
            fare, tip = line.split()
            yield {"fare": fare, "company": "Red", "tip": tip}
    """
    function = user_file.write(tmp_path, source, "examples")
    for name, first in (("a.txt", 0), ("b.txt", 100)):
        lines = [f"{row}.5 {'yes' if row % 2 else 'no'}" for row in range(first, first + 100)]
        (tmp_path / name).write_text("\n".join(lines))
    code = function.model_dump()
    examples, _ = run(f"{tmp_path}/*.txt", tmp_path / "out", fmt="code", code=code)
    rows = [row for of in read(examples).values() for row in of]
    assert sorted(row["fare"][0] for row in rows) == [row + 0.5 for row in range(200)]
    (tmp_path / "b.txt").write_text("no fare at all")
    with pytest.raises(FormatError, match=r"b\.txt: examples in .*mine\.py:4 in examples"):
        run(f"{tmp_path}/*.txt", tmp_path / "again", fmt="code", code=code)


def test_how_files_are_written_is_told_where_it_is_not_plain(tmp_path):
    rows = "".join(f"{n};c{n % 3};{('no', 'yes')[n % 2]}\n" for n in range(90))
    (tmp_path / "t.csv").write_text(f"A report\n# by hand\nfare;company;tip\n{rows}", "utf-16")
    written = {"delimiter": ";", "encoding": "utf-16", "comment": "#"}
    examples, _ = run(f"{tmp_path}/t.csv", tmp_path / "1", csv={**written, "skip": 1})
    document = documents_read(Features, f"{examples.uri}/{Features.FILE}")
    assert document
    assert document.table
    assert document.table.as_written() == written
    (tmp_path / "t.csv").write_text(f"fare,company,tip\n{rows.replace(';', ',')}")
    examples, _ = run(f"{tmp_path}/t.csv", tmp_path / "2")
    document = documents_read(Features, f"{examples.uri}/{Features.FILE}")
    assert document
    assert document.table is None
