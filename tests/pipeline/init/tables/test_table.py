"""Tables as `init` looks at them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import yaml

from documents.settings.yaml_text import yaml_text
from models.features.number.kind import Number
from pipeline.init.command import main
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import SettingsError, load_settings
from tests.pipeline.init.looked_at import review, trips

pytestmark = pytest.mark.usefixtures("in_a_folder")


def test_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = trips()
    Path("my trips.csv").write_text(text + text.splitlines()[5] + "\nshort\n", "cp1252")
    assert main(["--table", "my trips.csv", "--label", "tip"]) == 0
    said = capsys.readouterr().out
    assert "rows           401, of 10 columns" in said
    assert "format         csv, delimiter ';', encoding 'cp1252'" in said
    assert "leak?          leak alone predicts the label (strength 1.000), so it is ignored" in said
    assert "unreadable     1 row, such as line 403: has 1 cell instead of 10" in said
    assert "copies         1 row, of which 0 with another label" in said
    assert "python local_runner.py --config my_trips/settings.yaml" in said
    settings = load_settings(Path("my_trips/settings.yaml"))
    assert {name: feature.kind for name, feature in settings.features.items()} == {
        **{"id": "ignore", "zip": "category", "day": "date", "fare": "number"},
        **{"company": "category", "remarks": "text", "leak": "ignore"},
        **{"same": "ignore", "empty": "ignore"},
    }
    assert settings.label.names == ("no", "yes")
    check_data(settings, gather_data(settings))
    findings = review("my_trips")
    assert findings["fare"] == "number: every cell is a number; missing in 40 of 401 rows"
    assert findings["id"].startswith("ignore: different in almost every row")
    assert "alone predicts the label" in findings["leak"]
    assert findings["403"] == "has 1 cell instead of 10"


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("zip", [f"{10_000 + row % 50}" for row in range(300)], "category"),
        ("zip", [f"{row % 50:05d}" for row in range(300)], "category"),
        ("pickupZipCode", [f"{10_000 + row}.0" for row in range(300)], "ignore"),
        ("tract", [f"{17031080000 + row % 9}" for row in range(300)], "category"),
        ("weight", [f"{17031080000 + row % 9}" for row in range(300)], "category"),
        ("number", [f"{10**19 + row}" for row in range(300)], "ignore"),
        ("community_area", [f"{row % 20}" for row in range(300)], "category"),
        ("area", [f"{50 + row}" for row in range(300)], "number"),
        ("area", [f"{row % 20}.5" for row in range(300)], "number"),
        ("hour", [f"{row % 24}" for row in range(300)], "category"),
        ("rooms", [f"{row % 9}" for row in range(300)], "number"),
        ("idle", [f"{row % 9}" for row in range(300)], "number"),
        ("user_id", [f"{row}" for row in range(300)], "ignore"),
        ("started_at", [f"{1_700_000_000 + row}" for row in range(300)], "date"),
        ("created_ms", [f"{1_700_000_000_000 + row}" for row in range(300)], "date"),
        ("price", [f"{row}.25" for row in range(300)], "number"),
    ],
)
def test_codes_are_no_numbers(
    capsys: pytest.CaptureFixture[str], name: str, cells: list[str], kind: str
):
    made = random.Random(0)
    rows = [f"{cell},{made.random()},{made.choice('ab')}" for cell in cells]
    Path("t.csv").write_text("\n".join([f"{name},x,label", *rows]))
    assert main(["--table", "t.csv", "--label", "label"]) == 0
    found = load_settings(Path("t/settings.yaml")).features[name]
    assert found.kind == kind
    if found.kind == "date":
        assert found.format == ("unix_ms" if name == "created_ms" else "unix")
    is_code = "make it number if more is more" in review("t")[name]
    assert f"codes?         {name}: whole numbers" in capsys.readouterr().out or not is_code


def test_a_word_for_nothing_is_a_category_and_nothing_among_numbers() -> None:
    rows = [f"{'Grvl,7' if row % 3 else 'NA,NA'},{row % 2}" for row in range(60)]
    Path("t.csv").write_text("\n".join(["alley,garage,b", *rows, ",8,1"]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    found = review("t")
    assert found["alley"].endswith("missing in 1 of 61 rows; NA is one more, in 20 rows")
    assert found["garage"].endswith("every cell is a number; missing in 20 of 61 rows")


def test_columns_without_a_name_that_a_feature_may_have_are_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """pandas writes its index so, and tools that end each line with a comma a last column."""
    rows = [f"{row},{row % 7},{'xy'[row % 2]},,," for row in range(200)]
    Path("t.csv").write_text("\n".join([",a,b,examples,," + "z" * 201, *rows]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    said = capsys.readouterr().out
    assert "no name        column 1, column 4 examples, column 5, column 6 zzz" in said
    assert ": left out; give names that a feature may have" in said
    settings = load_settings(Path("t/settings.yaml"))
    assert [*settings.declaration.used] == ["a"]
    # A run warns of columns that it does not know.
    assert [*settings.features] == ["a", "examples", "z" * 201]
    check_data(settings, gather_data(settings))


def test_what_is_left_out_of_columns_is_told_and_let_pass(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [f"{n % 50},c{n % 5},{'xy'[n % 2]}" for n in range(196)]
    rows += ["1e400,c1,x", "1,c\x1b,x", "1,c1,x", "2,c2,y"]
    Path("t.csv").write_text("\n".join(["a,c,b", *rows]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    said = capsys.readouterr().out
    assert "too large      a: 1 of 200 cells are more than float32 holds" in said
    assert "unreadable     c: 1 of 200 cells hold control characters" in said
    assert load_settings(Path("t/settings.yaml")).data.quarantine == pytest.approx(0.024)


def test_what_reads_as_a_number_in_settings_may_be_the_name_of_a_class_or_column() -> None:
    rows = "".join(f"{n % 7},{n % 5},{('1e5', '01', 'on')[n % 3]}\n" for n in range(90))
    Path("t.csv").write_text(f"1e3,null,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.label.names == ("01", "1e5", "on")
    assert [*settings.features] == ["1e3", "null"]


@pytest.mark.parametrize(("dev", "from_train"), [(0, True), (20, True), (30, False)])
def test_a_column_that_names_splits_is_no_feature(
    capsys: pytest.CaptureFixture[str], dev: int, from_train: bool
) -> None:
    parts = ["Train"] * 100 + ["test"] * 40 + ["dev"] * dev
    rows = "".join(f"{part},{n * 7 % 50},{n % 2}\n" for n, part in enumerate(parts))
    Path("t.csv").write_text(f"part,a,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    said = capsys.readouterr().out
    assert f"train 100, {f'eval {dev}, ' if dev else ''}test 40, by column part" in said
    assert ("some of train are added to eval" in said) is from_train
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.features["part"].kind == "ignore"
    assert settings.data.split.by == "column"
    assert settings.data.split.column == "part"
    assert settings.data.split.eval_from_train is from_train
    assert review("t")["part"] == "ignore: names the split of each row; see data.split"
    check_data(settings, gather_data(settings))


def test_numbers_of_rows_are_ignored_where_there_is_anything_else() -> None:
    made = random.Random(0)
    rows = "".join(f"{n},{made.random()},{made.choice('xy')}\n" for n in range(1, 90))
    Path("t.csv").write_text(f"RowNumber,a,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    kinds = {name: of.kind for name, of in load_settings(Path("t/settings.yaml")).features.items()}
    assert kinds == {"RowNumber": "ignore", "a": "number"}
    assert review("t")["RowNumber"] == "ignore: the number of the row; make it number if it is more"
    assert main(["--table", "t.csv", "--label", "a", "--name", "u"]) == 0


def test_numbers_of_a_table_are_written_in_one_way() -> None:
    rows = "".join(f"{n * 7 % 50},5;{n % 3}.{100 + n};{'xy'[n % 2]}\n" for n in range(300))
    Path("t.csv").write_text(f"a;c;b\n{rows}".replace(";0.", ";"))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    found = load_settings(Path("t/settings.yaml")).features["c"]
    assert isinstance(found, Number)
    assert found.settings == {"decimal": ",", "thousands": "."}
    assert found.value("1.101") == 1_101


def test_a_table_of_which_nothing_is_known_to_tell_anything(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("t.csv").write_text("id,b\n" + "".join(f"{n:05d},{'xy'[n % 2]}\n" for n in range(99)))
    assert main(["--table", "t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert "wrote t/settings.yaml, but every column in it is ignored" in said
    assert "different in almost every row" in review("t")["id"]


def test_a_log_of_sensors(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    made = random.Random(0)
    rows = [
        f"{row % 24:02d}:{row % 60:02d};{'-999' if row % 20 == 0 else row % 37 + 0.5};"
        f"{'not measured' if row % 15 == 0 else f'{row}.5'};{made.choice(['ok', 'bad'])}"
        for row in range(300)
    ]
    text = "\n".join(["# a station's \"log", "at;temp;hum;state", *rows, "Total;5;6;ok", "# end"])
    Path("log.csv").write_text(text)
    assert main(["--table", "log.csv", "--label", "state"]) == 0
    said = capsys.readouterr().out
    assert "format         csv, delimiter ';', comment '#'" in said
    assert "missing?       temp: -999 in 15 rows, far from all others, is taken for missing" in said
    assert "missing?       hum: 'not measured' in 20 rows is taken for missing; if it is" in said
    assert "total?         the last row, line 303, says 'Total': if it sums up the others" in said
    assert "rows           300, of 4 columns" in said
    settings = load_settings(Path("log/settings.yaml"))
    kinds = {name: of.model_dump(exclude_defaults=True) for name, of in settings.features.items()}
    assert kinds == {
        "at": {"kind": "time"},
        "temp": {"kind": "number", "missing": (-999,)},
        "hum": {"kind": "number", "missing": ("not measured",)},
    }
    check_data(settings, gather_data(settings))
    findings = review("log")
    assert findings["temp"].endswith("-999 in 15 rows, far from all others, is taken for missing")
    assert findings["303"] == "Total: does it sum up the others?"


def test_answers_in_columns_of_their_own_and_prices_in_two_ways_are_told(
    capsys: pytest.CaptureFixture[str],
):
    made = random.Random(0)
    rows = [
        f"{made.randrange(2)};{made.randrange(2)};{made.randrange(2)};"
        f"{made.randrange(100, 900)}.000 €;{made.randrange(90, 180)}/{made.randrange(60, 90)}"
        for _ in range(200)
    ]
    Path("t.csv").write_text("is_war;is_love;is_art;price;pressure\n" + "\n".join(rows) + "\n")
    assert main(["--table", "t.csv", "--label", "is_war"]) == 0
    said = capsys.readouterr().out
    assert "tags?          is_war, is_love, is_art say yes or no alike" in said
    pasted = yaml.safe_load(review("t")["of kind tags"])
    assert pasted == {
        **{"name": "tags", "kind": "tags", "values": ["is_war", "is_love", "is_art"]},
        "flags": {"is_war": "is_war", "is_love": "is_love", "is_art": "is_art"},
    }
    settings = yaml.safe_load(Path("t/settings.yaml").read_text())
    del settings["evaluation"]
    settings["label"] = pasted
    Path("t/tags.yaml").write_text(yaml_text(settings))
    with pytest.raises(SettingsError, match=r"'is_art' is one of label\.flags, so it can"):
        load_settings(Path("t/tags.yaml"))
    settings["features"] |= {"is_love": {"kind": "ignore"}, "is_art": {"kind": "ignore"}}
    Path("t/tags.yaml").write_text(yaml_text(settings))
    assert load_settings(Path("t/tags.yaml")).label.columns == ("is_war", "is_love", "is_art")
    assert ".000 €' is read as " in said
    assert "more?          pressure; several numbers in a cell" in said
    price = load_settings(Path("t/settings.yaml")).features["price"]
    assert price.model_dump(exclude_defaults=True) == {
        **{"kind": "number", "decimal": ",", "thousands": ".", "unit": "€"}
    }


def test_what_says_of_rows_that_they_have_no_tag_is_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = ["war|love", "(no genres listed)", "art", "love|art"]
    Path("t.csv").write_text("x,y\n" + "".join(f"{n / 7},{told[n % 4]}\n" for n in range(120)))
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    said = capsys.readouterr().out
    assert "tags           3, any number a row: love 60, art 60, war 30\n" in said
    assert "no tag         (no genres listed) in 30 rows, never beside another: taken for" in said
    label = load_settings(Path("t/settings.yaml")).label
    assert label.value("(no genres listed)") == []
    assert label.names == ("art", "love", "war")


def test_lists_in_a_column_and_numbers_of_which_some_are_none_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = random.Random(0)
    names = ["Email", "Phone", "Chat"]
    rows = [
        f'"{", ".join(made.sample(names, 1 + row % 3))}",'
        f"{f'{row} - {row + 9}' if row % 20 == 3 else row * 7},p{row // 4},{'xy'[row // 4 % 2]}"
        for row in range(200)
    ]
    Path("t.csv").write_text("\n".join(["channels,area,patient_id,y", *rows]))
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    said = capsys.readouterr().out
    assert "more?          channels: several words in a cell, with , between: kind text" in said
    assert "no number?     area: 10 of 200 cells are no numbers, such as '3 - 12'; if" in said
    assert "groups?        all rows of one patient_id have the same label" in said
    assert "split by data.split: {by: group, column: patient_id}" in said


def test_rows_that_may_belong_together_are_told_with_the_split(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = random.Random(0)
    rows = [f"P{made.randrange(60)},{made.random():.3f},{made.choice('xy')}" for _ in range(400)]
    Path("t.csv").write_text("\n".join(["patient,dose,y", *rows]))
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    said = capsys.readouterr().out
    assert "groups?        patient has 60 different values: if new ones will be asked about" in said
    assert "of each in one split by data.split: {by: group, column: patient}" in said
    Path("t.csv").write_text("\n".join(["town,dose,y", *rows]))
    assert main(["--table", "t.csv", "--label", "y", "--force"]) == 0
    assert "groups?" not in capsys.readouterr().out


def test_columns_of_truths_are_declared_so_that_no_span_has_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [
        {"vip": bool(row % 3), "kept": "maybe" if row == 9 else True, "b": "xy"[row % 2]}
        for row in range(60)
    ]
    Path("t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["--table", "t.jsonl", "--label", "b"]) == 0
    used = load_settings(Path("t/settings.yaml")).declaration.used
    assert used["vip"].model_dump(exclude_defaults=True) == {"kind": "category", "boolean": True}
    assert used["kept"].model_dump(exclude_defaults=True) == {"kind": "category"}
    assert review("t")["vip"] == "category: every cell is true or false"
