"""The settings and the review that `init` writes of what it counted."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
import yaml

from pipeline.init.draft import of_table, review_of_table, settings_text
from tests.pipeline.init.made_tables import column, table

ROWS = range(100)
LABEL = ["yes", "no"] * 50


def review(report) -> dict[str, tuple[str, str]]:
    """What is said, and of what kind, by its column or line."""
    first, *rows = csv.reader(io.StringIO(review_of_table(report)))
    assert first == ["what", "which", "finding"]
    return {which: (what, finding) for what, which, finding in rows}


def test_a_sound_table_has_no_quarantine_and_can_be_read_as_settings():
    fare = column("fare", *[f"{row}.5" for row in ROWS])
    drafted = of_table("trips", "trips.csv", table(fare, column("tip", *LABEL)))
    assert drafted["data"] == {"format": "csv", "files": "trips.csv"}
    assert drafted["features"] == {"fare": {"kind": "number"}}
    assert drafted["label"] == {"name": "tip", "kind": "classes", "values": ["no", "yes"]}
    assert "augment" not in drafted["training"]
    text = settings_text(drafted, "trips.csv")
    assert text.startswith("# Drafted from trips.csv: look through it once")
    assert yaml.safe_load(text) == drafted


def test_classes_that_are_numbers_are_declared_as_they_count():
    labels = [str(row % 12) for row in ROWS]
    drafted = of_table("t", "t.csv", table(column("a", *map(str, ROWS)), column("b", *labels)))
    assert drafted["label"]["values"] == [str(number) for number in range(12)]


@pytest.mark.parametrize(
    ("labels", "limited"),
    [
        (LABEL, ["AUC", "SparseCategoricalAccuracy"]),
        (["a", "b", "c", "d"] * 25, ["SparseCategoricalAccuracy"]),
        ([f"{row}.5" for row in ROWS], ["R2Score"]),
    ],
)
def test_of_few_rows_a_later_model_may_be_worse_by_chance(labels, limited):
    metrics = of_table("t", "t.csv", table(column("fare", *ROWS), column("tip", *labels)))[
        "evaluation"
    ]["metrics"]
    held = {each["metric"]: each["overall"] for each in metrics if "overall" in each}
    assert held == {metric: {"max_drop": 0.1} for metric in limited}


@pytest.mark.parametrize(
    ("labels", "fields", "quarantine"),
    [
        # More than there is already, of all rows: a fifth, or what chance makes of few.
        (LABEL, {"bad_rows": 100, "bad": [(7, "short")]}, 0.6),
        (LABEL, {"totals": [(9, "total")] * 5}, 0.094),
        ([None, *LABEL[1:]], {}, 0.03),
        (LABEL, {"bad_rows": 1, "bad": [(7, "short")]}, 0.03),
        (LABEL, {"bad_rows": 900, "bad": [(7, "short")]}, 1.0),
        # Of a label of numbers also what is none, and what stands for nothing.
        ([*map(str, range(1, 98)), "x", "y", "z"], {}, 0.064),
        ([*map(str, range(1, 91)), *["-999"] * 10], {}, 0.16),
    ],
)
def test_what_is_lost_already_is_let_pass(labels, fields, quarantine):
    report = table(column("fare", *ROWS), column("tip", *labels), **fields)
    assert of_table("trips", "trips.csv", report)["data"]["quarantine"] == quarantine


def test_rows_that_a_feature_costs_count_unless_it_is_ignored():
    note = column("note", *[f"{'ab'[row % 2]}{chr(0) * (row < 10)}" for row in ROWS])
    columns = [note, column("fare", *ROWS), column("tip", *LABEL)]
    assert of_table("t", "t.csv", table(*columns))["data"]["quarantine"] == 0.16
    ignored = of_table("t", "t.csv", table(*columns, leaks={"note": 1.0}))
    assert "quarantine" not in ignored["data"]
    assert ignored["features"]["note"] == {"kind": "ignore"}


def test_tags_are_declared_in_the_order_of_their_names():
    tip = column("tip", *[["b|a", "a", "b"][row % 3] for row in ROWS])
    fields = {"tags": Counter({"b": 67, "a": 67}), "separator": "|"}
    drafted = of_table("t", "t.csv", table(column("fare", *ROWS), tip, **fields))
    assert drafted["label"] == {
        **{"name": "tip", "kind": "tags", "values": ["a", "b"], "separator": "|"},
    }


def test_the_review_says_why_a_column_is_what_it_is():
    town = column("town", *["Rome", "Oslo", "NA", None] * 25)
    leak = column("leak", *LABEL)
    part = column("part", *["train", "test"] * 50)
    number = column("row", *ROWS)
    report = table(
        *(town, leak, part, number, column("tip", *LABEL)),
        leaks={"leak": 1.0},
        split=("part", Counter({"train": 50, "test": 50})),
        counters=["row"],
        bad=[(7, "has 1 cell")],
        totals=[(9, "total")],
    )
    said = review(report)
    assert list(said) == ["town", "leak", "part", "row", "7", "9"]
    assert said["town"] == (
        "column",
        "category: 2 different values; missing in 25 of 100 rows; NA is one more, in 25 rows",
    )
    assert said["leak"][1].startswith("ignore: alone predicts the label (strength 1.000): is it")
    assert said["part"][1] == "ignore: names the split of each row; see data.split"
    assert said["row"][1] == "ignore: the number of the row; make it number if it is more"
    assert said["7"] == ("line", "has 1 cell")
    assert said["9"] == ("line", "total: does it sum up the others?")
