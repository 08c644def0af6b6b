"""Tables as `init` looks at them."""

from __future__ import annotations

import gzip
import json
import lzma
import random
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from documents.yaml_text import yaml_text
from models.features.number.kind import Number
from pipeline.init.command import main
from pipeline.preflight import check_data, gather_data
from pipeline.settings import SettingsError, load_settings
from tests.pipeline.init.looked_at import drafted, review, trips

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


def test_classes_of_which_one_is_rare_are_told(capsys: pytest.CaptureFixture[str]):
    lines = [f"{number},{'yes' if number % 20 else 'no'}" for number in range(400)]
    Path("t.csv").write_text("\n".join(["x,tip", *lines]))
    assert main(["--table", "t.csv", "--label", "tip"]) == 0
    said = capsys.readouterr().out
    assert "imbalance      19 yes to one no; always saying yes is right in 95.0%" in said
    assert "training.class_weights: balanced" in said


def test_a_number_is_estimated_and_has_to_beat_the_mean():
    made = random.Random(0)
    lines = [f"{made.random()},{made.gauss(0, 2)}" for _ in range(500)]
    Path("t.csv").write_text("\n".join(["x,price", *lines]))
    assert main(["--table", "t.csv", "--label", "price", "--name", "prices"]) == 0
    settings = load_settings(Path("prices/settings.yaml"))
    assert settings.label.kind == "number"
    assert settings.evaluation.beat_constant
    assert [metric.metric for metric in settings.evaluation.metrics] == [
        *("R2Score", "RootMeanSquaredError", "MeanAbsoluteError")
    ]


@pytest.mark.parametrize(
    ("content", "label", "why"),
    [
        ("a,b\n1,2\n3,4\n", "c", "t.csv has no column 'c'; it has a, b"),
        ("a,b\n1,2\n3,2\n", "b", "Label b has fewer than two values"),
        ("a,b\n", "b", "t.csv holds no rows"),
        ("", "b", "t.csv is empty"),
        ("a,b,a\n1,2,3\n", "b", "t.csv has the column 'a' twice (columns 1 and 3)"),
        ("a,b\n" + "".join(f"1,w{n}\n" for n in range(200)), "b", "Label b is neither a number"),
        (
            "a,b\n" + "".join(f"1,{n}\n" for n in [*range(200), *"stuvwxyza"]),
            "b",
            "that comes again and again (8 of 209 cells are no numbers, such as 's'); choose",
        ),
        (
            "a,b\n" + "".join(f"{n},{n % 24}:{n % 60:02d}\n" for n in range(300)),
            "b",
            "; it holds times: write them as numbers, such as minutes of the day.",
        ),
        (
            "a,b\n" + "".join(f"{n},20{10 + n % 70}-01-{n % 28 + 1:02d}\n" for n in range(300)),
            "b",
            "; it holds dates, of which label.formula makes a number, such as due - start.",
        ),
        (
            "a,b\n" + "".join(f"{n},{n + 0.5}{'k' * (n % 2)}\n" for n in range(100)),
            "b",
            "Label b holds numbers, some in k and some not, such as '0.5': write all alike.",
        ),
        (
            '"a" "b"\n"1" 2 3\n',
            "b",
            "the names of its columns: its cells seem to be told apart by bl",
        ),
        ("a,B\n1,2\n3,4\n", "b", "t.csv has no column 'b'; if it is 'B' now, rename it"),
        ("b\nyes\nno\n", "b", "has no column with a name but the label b"),
        (
            "a,b\n“1, 2”,x\n“3, 4”,y\n",
            "b",
            "t.csv holds no rows (2 cannot be read, such as line 2: has 3 cells instead of 2).",
        ),
        (
            "a,b\n1,x\n2,y,z\n",
            "b",
            "nothing to tell apart (1 cannot be read, such as line 3: has 3 cells instead of 2).",
        ),
    ],
)
def test_tables_that_make_no_settings(
    capsys: pytest.CaptureFixture[str], content: str, label: str, why: str
):
    Path("t.csv").write_text(content)
    assert main(["--table", "t.csv", "--label", label]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
    assert not Path("t").exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(b"a,b\n1,x\n2,y\n"), "t.csv is compressed; unpack it"),
        (lzma.compress(b"a,b\n1,x\n2,y\n"), "t.csv is compressed; unpack it"),
        (b"PK\3\4" + bytes(100), "t.csv is a ZIP archive or a spreadsheet; unpack it, or save"),
        (b"PAR1" + bytes(100), "t.csv is a Parquet file; call it .parquet"),
        (b"a,b\n\0,x\n\0,y\n", "t.csv holds no rows (2 cannot be read, such as line 2: holds"),
    ],
    ids=["gzip", "xz", "zip", "parquet", "zero bytes"],
)
def test_files_that_are_no_text(
    capsys: pytest.CaptureFixture[str], content: bytes, why: str
) -> None:
    Path("t.csv").write_bytes(content)
    assert main(["--table", "t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("1::31::4::97830\n2::3::5::97831\n", "told apart by '::', of more than one sign"),
        ("1::A|B::4\n2::3|C::5\n", "sed 's/::/\\t/g' < FILE > NEW.tsv"),
        ("  0.5  7.25   24.0\n  0.1  6.5   21.6\n", "told apart by blanks; put commas there"),
        ('18.0  8  307.  ?  12.0\t"ford"\n15.0  8  350.  165.  11.5\t"vw"\n', "by blanks"),
        (
            "39, State-gov, 77516\n40, Private, 1\n",
            "names of the columns above it, or behind --columns",
        ),
        ("ham\tOk lar\nspam\tFree\n", "it has ham, Ok lar; mend --label, or name all columns with"),
        ("a,B\n1,2\n", "if it is 'B' now, rename it there or in --label"),
    ],
)
def test_what_is_wrong_with_a_header_is_told_without_settings_that_are_not_there(
    capsys: pytest.CaptureFixture[str], content: str, why: str
) -> None:
    Path("t.csv").write_text(content)
    assert main(["--table", "t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert "settings" not in said
    assert "data.csv" not in said


def test_a_word_for_nothing_is_a_category_and_nothing_among_numbers() -> None:
    rows = [f"{'Grvl,7' if row % 3 else 'NA,NA'},{row % 2}" for row in range(60)]
    Path("t.csv").write_text("\n".join(["alley,garage,b", *rows, ",8,1"]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    found = review("t")
    assert found["alley"].endswith("missing in 1 of 61 rows; NA is one more, in 20 rows")
    assert found["garage"].endswith("every cell is a number; missing in 20 of 61 rows")


def test_keys_that_come_late_are_columns_and_seldom_ones_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[dict[str, object]] = [{"a": row % 9, "b": "xy"[row % 2]} for row in range(3_000)]
    for row in range(500, 900):
        rows[row]["c"] = f"c{row % 3}"
    rows[700]["once"] = 1
    Path("t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["--table", "t.jsonl", "--label", "b"]) == 0
    assert "seldom         once: in hardly a row, so left out" in capsys.readouterr().out
    settings = load_settings(Path("t/settings.yaml"))
    kinds = {name: feature.kind for name, feature in settings.features.items()}
    assert kinds == {"a": "number", "c": "category"}
    check_data(settings, gather_data(settings))


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
    assert [*settings.features] == ["a"]
    check_data(settings, gather_data(settings))


def test_classes_that_are_likely_to_be_one_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    classes = ("yes", "Yes", "no", "1", "1.0")
    Path("t.csv").write_text("a,b\n" + "".join(f"{n},{classes[n % 5]}\n" for n in range(100)))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    assert "alike?         yes and Yes, 1 and 1.0: write classes alike" in capsys.readouterr().out


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
    assert load_settings(Path("t/settings.yaml")).data.quarantine == pytest.approx(0.012)


def test_what_reads_as_a_number_in_settings_may_be_the_name_of_a_class_or_column() -> None:
    rows = "".join(f"{n % 7},{n % 5},{('1e5', '01', 'on')[n % 3]}\n" for n in range(90))
    Path("t.csv").write_text(f"1e3,null,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.label.names == ("01", "1e5", "on")
    assert [*settings.features] == ["1e3", "null"]


def test_a_table_as_excel_exports_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(
        f"{n % 9 + 1}.234,5{n % 7} €;{n % 50},5 %;{('ja', 'nein')[n % 2]};;\r\n" for n in range(99)
    )
    text = f"sep=;\r\n;;;;\r\nUmsatz (netto);Rabatt in %;Gekauft?;;\r\n{rows};;;;\r\n"
    Path("t.csv").write_bytes(text.encode("cp1252"))
    assert main(["--table", "t.csv", "--label", "Gekauft?"]) == 0
    said = capsys.readouterr().out
    assert "rows           99, of 3 columns" in said
    assert "unreadable" not in said
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.data.csv.model_dump(exclude_defaults=True) == {
        "delimiter": ";",
        "encoding": "cp1252",
    }
    revenue = settings.features["Umsatz (netto)"]
    assert isinstance(revenue, Number)
    assert revenue.settings == {
        "decimal": ",",
        "thousands": ".",
        "unit": "€",
    }
    check_data(settings, gather_data(settings))


def test_a_class_may_say_that_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    cells = ("None", "Mild", "Severe", "NA", "")
    rows = [f"{n * 7 % 50},{cells[n % 5]}" for n in range(200)]
    settings, said = drafted(rows, capsys)
    assert settings.label.names == ("Mild", "None", "Severe")
    assert "classes        3: Mild 40, Severe 40, None 40" in said
    assert "none?          None in 40 rows: a class here; if it is none, take it out of" in said
    assert "without label  80 rows, which are left out: NA in 40 rows means nothing" in said
    assert settings.data.quarantine == pytest.approx(80 / 200 * 1.2)


def test_plus_and_minus_are_classes(capsys: pytest.CaptureFixture[str]) -> None:
    settings, _ = drafted([f"{n * 7 % 50},{'+-'[n % 2]}" for n in range(200)], capsys)
    assert settings.label.names == ("+", "-")


def test_many_classes_are_classes_if_they_come_again(capsys: pytest.CaptureFixture[str]) -> None:
    settings, said = drafted([f"{n * 7 % 50},c{n % 150}" for n in range(900)], capsys)
    assert len(settings.label.names or ()) == 150
    assert "classes        150: " in said


def test_few_numbers_are_classes_that_are_told_and_halves_are_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, said = drafted([f"{n * 7 % 50},{n % 5 + 1}" for n in range(200)], capsys)
    assert settings.label.kind == "classes"
    assert "numbers?       the classes are numbers: make the label's kind number" in said
    Path("t/settings.yaml").unlink()
    Path("t/review.csv").unlink()
    settings, said = drafted([f"{n * 7 % 50},{n % 9 / 2 + 1}" for n in range(200)], capsys)
    assert settings.label.kind == "number"
    Path("t/settings.yaml").unlink()
    Path("t/review.csv").unlink()
    settings, said = drafted([f"{n * 7 % 50},{n % 2}.0" for n in range(200)], capsys)
    assert settings.label.names == ("0.0", "1.0")
    assert "numbers?" not in said


def test_a_label_of_numbers_may_have_a_few_that_are_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, said = drafted(
        [*(f"{n * 7 % 50},${n}" for n in range(200)), "1,inf", "2,NaN"], capsys
    )
    assert settings.label.model_dump(exclude_defaults=True, exclude={"name"}) == {
        "kind": "number",
        "unit": "$",
    }
    assert "no number?     b: 1 of 201 cells are no numbers, such as 'inf'; their rows are" in said
    assert "without label  1 row, which is left out: NaN in 1 row means nothing" in said
    assert settings.data.quarantine == pytest.approx(0.012)


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


def test_a_number_of_which_the_label_is_made_is_told(capsys: pytest.CaptureFixture[str]):
    made = random.Random(0)
    nets = [made.uniform(5, 900) for _ in range(300)]
    prices = ["unknown" if net < 15 else f"{1.19 * net:.2f}" for net in nets]
    lines = zip(nets, prices, strict=True)
    rows = [f"{net:.2f},{made.random():.3f},{price}" for net, price in lines]
    Path("t.csv").write_text("net,n,price\n" + "\n".join(rows) + "\n")
    assert main(["--table", "t.csv", "--label", "price"]) == 0
    said = capsys.readouterr().out
    assert "leak?          net alone predicts the label (strength 1.000)" in said
    assert "missing?       price: 'unknown' in" in said
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.features["net"].kind == "ignore"
    assert settings.label.model_dump()["missing"] == ("unknown",)


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


def test_a_backslash_before_a_quote_is_told_with_what_takes_it_away(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ['O\\"Neil', '\\"\\"', "Ann"]
    rows = [f'"{row}","{names[row % 3]}, {row % 7}","{row % 2}"' for row in range(60)]
    Path("t.csv").write_text("\n".join(['"n","name","y"', *rows]) + "\n")
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    said = capsys.readouterr().out
    assert "unreadable     40 rows, such as line 2: has a backslash before a quote; write" in said
    command = re.search("sed 's.*' < ", said)
    assert command
    done = subprocess.run(f"{command[0]} t.csv > u.csv", shell=True, check=True, timeout=60)
    assert done.returncode == 0
    assert main(["--table", "u.csv", "--label", "y"]) == 0
    said = capsys.readouterr().out
    assert "rows           60, of 3 columns" in said
    assert "unreadable" not in said


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_names_of_rows_without_one_for_their_column_as_r_writes_them(
    sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [sign.join((f'"{row + 1}"', f"{row % 9}.5", f'"{"ab"[row % 2]}"')) for row in range(60)]
    Path("t.csv").write_text("\n".join([sign.join(('"x"', '"y"')), *rows]) + "\n")
    assert main(["--table", "t.csv", "--label", "y"]) == 2
    command = re.search("sed '.*' < ", capsys.readouterr().err)
    assert command
    subprocess.run(f"{command[0]} t.csv > u.csv", shell=True, check=True, timeout=60)
    assert main(["--table", "u.csv", "--label", "y"]) == 0
    features = load_settings(Path("u/settings.yaml")).features
    assert {name: of.kind for name, of in features.items()} == {"row": "ignore", "x": "number"}


@pytest.mark.parametrize("sign", [" ", "\t"])
def test_rows_that_blanks_tell_apart_are_no_rows_with_too_few_cells(
    sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f'  {row}.5   8  30{row}.{sign}"ford pinto {row}"' for row in range(40)]
    Path("t.data").write_text("\n".join(rows))
    names = ["--columns", "mpg,cylinders,weight,name"]
    assert main(["--table", "t.data", *names, "--label", "mpg"]) == 2
    said = capsys.readouterr().err
    assert "t.data holds no rows of 4 cells: its cells seem to be told apart by blanks; put" in said
    assert said.endswith("tr -s ' \\t' , < FILE > NEW.csv.\n")


def test_columns_that_make_the_label_together_are_told_and_ignored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = random.Random(0)
    rows = [(made.randrange(99), made.randrange(400), made.random()) for _ in range(200)]
    lines = [f"{a};{b};{c:.2f};{a + b},00 €" for a, b, c in rows]
    Path("t.csv").write_text("\n".join(["casual;registered;temp;cnt", *lines, "3;;;4,00 €"]))
    assert main(["--table", "t.csv", "--label", "cnt"]) == 0
    said = capsys.readouterr().out
    assert "leak?          casual, registered together make the label, so they are ignored" in said
    features = load_settings(Path("t/settings.yaml")).features
    assert {name: of.kind for name, of in features.items()} == {
        **{"casual": "ignore", "registered": "ignore", "temp": "number"},
    }
    assert review("t")["casual"].startswith("ignore: makes the label together with registered")
    assert main(["--table", "t.csv", "--label", "temp", "--force"]) == 0
    assert load_settings(Path("t/settings.yaml")).features["casual"].kind == "number"


def test_the_only_column_is_learned_from_though_it_tells_all() -> None:
    Path("t.csv").write_text("x,y\n" + "".join(f"{n / 7},{2 * n / 7 + 1}\n" for n in range(150)))
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    assert load_settings(Path("t/settings.yaml")).features["x"].kind == "number"


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
